import type { Open } from '../client.ts';
import { read } from '../observed.ts';

// HttpClient as an application has it in production, without a browser around it: zoneless, over fetch, XSRF on.
Object.assign(globalThis, { ngDevMode: false });
await import('@angular/compiler');
const core = await import('@angular/core');
const { HttpClient, provideHttpClient, withFetch } = await import('@angular/common/http');

const injector = core.createEnvironmentInjector(
  [
    { provide: core.ɵINJECTOR_SCOPE, useValue: 'root' },
    { provide: core.ErrorHandler, useValue: new core.ErrorHandler() },
    { provide: core.DOCUMENT, useValue: { cookie: '', location: { href: 'http://app.example/' } } },
    { provide: core.PLATFORM_ID, useValue: 'browser' },
    core.provideZonelessChangeDetection(),
    provideHttpClient(withFetch()),
  ],
  null as never,
);
const http = injector.get(HttpClient);

export const open: Open = () => ({
  start: ({ url, body }, done) => read(body ? http.post(url, body) : http.get(url), done),
});
