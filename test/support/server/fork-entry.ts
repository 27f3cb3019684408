import { registerHooks } from 'node:module';

// Node runs this file as it stands, but looks for `x.js` where the source is `x.ts`: the bundler's rule, told to Node.
registerHooks({
  resolve(specifier, context, next) {
    const ours = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
    return next(ours ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});

const { serveParent } = await import('./fork-child.js');
serveParent();
