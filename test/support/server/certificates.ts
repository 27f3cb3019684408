import { readFileSync } from 'node:fs';

function read(name: string): string {
  return readFileSync(new URL(`./certificates/${name}.pem`, import.meta.url), 'utf8');
}

/** The authority that signed the test server's certificates: hand it to a client as `ca`. */
export const testAuthority = read('ca');

/** Key and certificate of each TLS origin. One key serves all, and everybody has it. */
export function identityOf(name: 'localhost' | 'wrong-host' | 'expired' | 'self-signed') {
  return { key: read('test-only.key'), cert: read(name) };
}
