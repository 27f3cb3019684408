import { parseArgs } from 'node:util';

const USAGE = `usage: npm start -- [--base-url URL] [--seed N]

  --base-url URL  use the API that is up there instead of starting one
                  (npx node examples/cities/server.ts --port 8080 starts one alone)
  --seed N        decides every fault and every wait of the server (default 3)
  --help          this text
`;

/** How the program was called. */
export interface Options {
  readonly baseUrl: string | undefined;
  readonly seed: number;
}

/** Reads the command line; says why it cannot, or prints the help, and ends the process. */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        'base-url': { type: 'string' },
        seed: { type: 'string', default: '3' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) end(USAGE, 0);
    const baseUrl = values['base-url'];
    if (baseUrl !== undefined && !/^https?:$/.test(URL.parse(baseUrl)?.protocol ?? '')) {
      throw new TypeError(`--base-url: '${baseUrl}' is not an http(s) URL`);
    }
    const seed = Number(values.seed);
    if (!Number.isSafeInteger(seed)) throw new TypeError(`--seed: '${values.seed}' is not a whole number`);
    return { baseUrl: baseUrl?.replace(/\/+$/, ''), seed };
  } catch (error) {
    return end(`${(error as Error).message}\n\n${USAGE}`, 2);
  }
}

function end(text: string, code: number): never {
  (code ? process.stderr : process.stdout).write(text);
  process.exit(code);
}
