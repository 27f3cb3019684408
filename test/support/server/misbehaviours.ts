/** Bytes that no server ought to send, and what becomes of the connection after them. */
export interface Misbehaviour {
  /** Parts of the answer, each in a write of its own. `{cors}` stands for the lines that let a page read it. */
  readonly send: readonly string[];
  /** `keep`: answered, the connection stays open. `stall`: the answer never ends. */
  readonly after: 'keep' | 'stall' | 'fin' | 'reset';
  /** How far HTTP/2 gets with it, where it makes sense there. */
  readonly h2?: 'nothing' | 'head' | 'body';
}

const ok = 'HTTP/1.1 200 OK\r\n{cors}';
const plain = `${ok}content-type: text/plain\r\n`;
const sized = (length: number) => `${plain}content-length: ${length}\r\n\r\n`;
const chunked = `${plain}transfer-encoding: chunked\r\n\r\n`;
const answered = (headLines: string): Misbehaviour => ({
  send: [`${plain}${headLines}content-length: 5\r\n\r\nhello`],
  after: 'keep',
});
const started = (statusLine: string): Misbehaviour => ({
  send: [`${statusLine}\r\n{cors}content-length: 5\r\n\r\nhello`],
  after: 'keep',
});
const framed = (body: string, after: Misbehaviour['after'] = 'stall'): Misbehaviour => ({
  send: [chunked + body],
  after,
});

const breaks: Readonly<Record<string, Misbehaviour>> = {
  'reset-before-head': { send: [], after: 'reset', h2: 'nothing' },
  'reset-mid-head': { send: ['HTTP/1.1 200 OK\r\ncontent-ty'], after: 'reset' },
  'reset-mid-body': { send: [sized(100), 'first ten.'], after: 'reset', h2: 'body' },
  'reset-mid-chunk': { send: [chunked, 'a\r\nfirst'], after: 'reset' },
  'fin-before-head': { send: [], after: 'fin' },
  'fin-mid-head': { send: ['HTTP/1.1 200 OK\r\ncontent-ty'], after: 'fin' },
  'fin-mid-body': { send: [sized(100), 'first ten.'], after: 'fin', h2: 'body' },
  'fin-mid-chunk': { send: [chunked, 'a\r\nfirst'], after: 'fin' },
  'fin-before-last-chunk': { send: [chunked, 'a\r\nfirst ten.\r\n'], after: 'fin' },
  'fin-ends-body': { send: [`${plain}\r\n`, 'all of it'], after: 'fin' },
  'stall-before-head': { send: [], after: 'stall', h2: 'nothing' },
  'stall-mid-head': { send: ['HTTP/1.1 200 OK\r\ncontent-ty'], after: 'stall' },
  'stall-after-head': { send: [sized(100)], after: 'stall', h2: 'head' },
  'stall-mid-body': { send: [sized(100), 'first ten.'], after: 'stall', h2: 'body' },
};

const framing: Readonly<Record<string, Misbehaviour>> = {
  'body-too-long': { send: [sized(5), 'hello, and more than was said'], after: 'keep' },
  'chunk-size-invalid': framed('zz\r\nhello\r\n0\r\n\r\n'),
  'chunk-size-negative': framed('-5\r\nhello\r\n0\r\n\r\n'),
  'chunk-size-huge': framed('ffffffffffffffffff\r\nhello\r\n0\r\n\r\n'),
  'chunk-size-empty': framed('\r\nhello\r\n0\r\n\r\n'),
  'chunk-without-crlf': framed('5\r\nhelloworld\r\n0\r\n\r\n'),
  'chunk-extension': framed('5;name=value\r\nhello\r\n0\r\n\r\n', 'keep'),
  'length-negative': { send: [`${plain}content-length: -5\r\n\r\nhello`], after: 'stall' },
  'length-nan': { send: [`${plain}content-length: five\r\n\r\nhello`], after: 'stall' },
  'length-two': { send: [`${plain}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`], after: 'stall' },
  'length-two-same': { send: [`${plain}content-length: 5\r\ncontent-length: 5\r\n\r\nhello`], after: 'keep' },
  'length-list': { send: [`${plain}content-length: 5, 5\r\n\r\nhello`], after: 'keep' },
  'length-and-chunked': {
    send: [`${plain}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`],
    after: 'keep',
  },
  'transfer-encoding-unknown': { send: [`${plain}transfer-encoding: nonsense\r\n\r\nhello`], after: 'fin' },
};

const heads: Readonly<Record<string, Misbehaviour>> = {
  'header-without-colon': answered('x-no-colon\r\n'),
  'header-empty-name': answered(': nameless\r\n'),
  'header-space-before-colon': answered('x-spaced : value\r\n'),
  'header-nul': answered('x-nul: a\0b\r\n'),
  'header-bare-cr': answered('x-bare: a\rb\r\n'),
  'header-bare-lf': answered('x-first: a\nx-second: b\r\n'),
  'header-fold': answered('x-folded: one\r\n two\r\n'),
  'header-latin1': answered('x-latin1: caf\xe9\r\n'),
  'header-utf8': answered('x-utf8: caf\xc3\xa9\r\n'),
  'status-garbage': started('this is not HTTP'),
  'status-letters': started('HTTP/1.1 abc OK'),
  'status-99': started('HTTP/1.1 99 Too Low'),
  'status-1000': started('HTTP/1.1 1000 Too High'),
  'status-0': started('HTTP/1.1 000 Nothing'),
  'status-600': started('HTTP/1.1 600 Beyond'),
  'status-without-reason': started('HTTP/1.1 200'),
  'status-101': {
    send: ['HTTP/1.1 101 Switching Protocols\r\n{cors}upgrade: x\r\nconnection: upgrade\r\n\r\n'],
    after: 'stall',
  },
  'version-1.0': { send: ['HTTP/1.0 200 OK\r\n{cors}\r\nhello'], after: 'fin' },
  'version-9.9': started('HTTP/9.9 200 OK'),
  'http-0.9': { send: ['<html>no head at all</html>\n'], after: 'fin' },
  'h2-preface': { send: ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0'], after: 'stall' },
  'h2-settings': { send: ['\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0d'], after: 'stall' },
  'tls-alert': { send: ['\x15\x03\x01\0\x02\x02\x46'], after: 'fin' },
};

export const misbehaviours: Readonly<Record<string, Misbehaviour>> = { ...breaks, ...framing, ...heads };
