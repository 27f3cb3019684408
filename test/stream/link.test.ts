import { describe, expect, it } from 'vitest';

import { FakeHeaders } from '../../lib/testing/fake-headers.js';
import { nextLink } from '../../lib/stream/link.js';

const at = (link: string, url = 'https://api.test/v1/users?page=1'): string | undefined =>
  nextLink({
    status: 200,
    headers: new FakeHeaders({ link }),
    url,
    attempts: 1,
    timings: { startedAt: 0, headMs: 0, totalMs: 0 },
  });

const next = 'https://api.test/v1/users?page=2';

describe('nextLink', () => {
  it.each([
    ['plain', '<https://api.test/v1/users?page=2>; rel=next'],
    ['quoted', '<https://api.test/v1/users?page=2>; rel="next"'],
    ['in another case', '<https://api.test/v1/users?page=2>; REL="NeXt"'],
    ['one of many relations', '<https://api.test/v1/users?page=2>; rel="last  next"'],
    ['relative to the page', '<?page=2>; rel=next'],
    ['relative to its directory', '<users?page=2>; rel=next'],
    ['relative to the origin', '</v1/users?page=2>; rel=next'],
    ['relative to the scheme', '<//api.test/v1/users?page=2>; rel=next'],
    ['with a fragment, which is never sent', '<?page=2#top>; rel=next'],
    ['behind another one', '<?page=9>; rel="last", <?page=2>; rel="next"'],
    ['behind one with commas in its target', '<?page=9,10>; rel=last, <?page=2>; rel=next'],
    [
      'behind a comma and a look-alike in a quoted title',
      '<?page=9>; title="a, <?page=3>; rel=next"; rel=last, <?page=2>; rel=next',
    ],
    ['behind escaped quotes', String.raw`<?page=9>; title="\", <?page=3>; rel=next"; rel=last, <?page=2>; rel=next`],
    ['without spaces', '<?page=9>;rel=last,<?page=2>;rel=next'],
    ['with spaces and tabs everywhere', '<?page=2> \t ; \t rel\t = \t"next" , '],
    ['with empty elements around it', ', ,<?page=2>; rel=next, ,'],
    ['with empty and valueless parameters', '<?page=2>;; crossorigin ; rel=next;'],
    ['behind text that is no link', 'garbage; rel=next, <?page=2>; rel=next'],
    ['behind a parameter that is none', '<?page=9>; =x; rel=next, <?page=2>; rel=next'],
    ['whose context is the page', '<?page=2>; rel=next; anchor="#results"'],
  ])('reads a link %s', (_, link) => {
    expect(at(link)).toBe(next);
  });

  it.each([
    ['there is no field', ''],
    ['the relation is another', '<?page=2>; rel=prev'],
    ['the relation only begins like it', '<?page=2>; rel=nextpage'],
    ['a later relation says so: the first counts', '<?page=2>; rel=prev; rel=next'],
    ['the relation is only a title', '<?page=2>; title="rel=next"'],
    ['the target has no end', '<?page=2; rel=next'],
    ['the quoted string before it has no end', '<?page=2>; title="x; rel=next'],
    ['its context is another page', '<?page=2>; rel=next; anchor="/v1/groups"'],
    ['it describes another relation backwards', '<?page=2>; rev=next'],
  ])('finds none when %s', (_, link) => {
    expect(at(link)).toBeUndefined();
  });

  it('reads an empty target as the page itself', () => {
    expect(at('<>; rel=next')).toBe('https://api.test/v1/users?page=1');
  });

  it('encodes braces, which would make a template of the URL', () => {
    expect(at('<?q={a}>; rel=next')).toBe('https://api.test/v1/users?q=%7Ba%7D');
  });

  it.each([
    ['another origin', '<https://evil.test/v1/users?page=2>; rel=next', 'lies at https://evil.test'],
    ['another port', '<//api.test:8443/v1/users?page=2>; rel=next', 'lies at https://api.test:8443'],
    ['another scheme', '<ftp://api.test/v1>; rel=next', 'at ftp:'],
    ['http behind https', '<http://api.test/v1>; rel=next', 'at http:'],
    ['script', '<javascript:alert(1)>; rel=next', 'at javascript:'],
    ['a password', '<https://u:p@api.test/>; rel=next', 'a user name or password'],
    ['no host', '<https://>; rel=next', 'that is none'],
  ])('refuses a link to %s', (_, link, message) => {
    expect(() => at(link)).toThrowError(
      expect.objectContaining({ kind: 'redirect', message: expect.stringContaining(message) as string }),
    );
  });

  it.each(['<?page=9>; title="', '<?page=9>;', '<', '<>;a="\\", ', ','])('takes linear time for many of %j', (part) => {
    const field = part.repeat(60_000 / part.length);
    const started = performance.now();
    try {
      at(field);
    } catch {
      // What it says of it does not matter here.
    }
    expect(performance.now() - started).toBeLessThan(250);
  });
});
