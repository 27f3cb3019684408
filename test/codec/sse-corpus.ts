/** A stream of events, and what comes out of it by the HTML Standard. */
export interface SseCase {
  readonly rule: string;
  readonly body: string | readonly number[];
  /** `[data, type = 'message', lastEventId = '']`. */
  readonly events: readonly (readonly [data: string, type?: string, lastEventId?: string])[];
  readonly retries?: readonly number[];
  readonly comments?: readonly string[];
  /** Ids that came without an event. */
  readonly ids?: readonly string[];
}

const BOM = '\ufeff';

export const corpus: readonly SseCase[] = [
  // Lines and their ends.
  { rule: 'LF ends a line', body: 'data:a\n\ndata:b\n\n', events: [['a'], ['b']] },
  { rule: 'CR ends a line', body: 'data:a\r\rdata:b\r\r', events: [['a'], ['b']] },
  { rule: 'CRLF ends a line', body: 'data:a\r\n\r\ndata:b\r\n\r\n', events: [['a'], ['b']] },
  { rule: 'all three may be mixed', body: 'data:a\r\ndata:b\ndata:c\r\r\n\rdata:d\n\r', events: [['a\nb\nc'], ['d']] },
  { rule: 'LF CR is two line ends', body: 'data:a\n\rdata:b\n\r', events: [['a'], ['b']] },
  { rule: 'CR LF LF is a line end and a blank line', body: 'data:a\r\n\ndata:b\r\n\n', events: [['a'], ['b']] },
  { rule: 'CR CR LF is a line end and a blank line', body: 'data:a\r\r\ndata:b\r\r\n', events: [['a'], ['b']] },
  { rule: 'a final CR ends its event', body: 'data:a\n\r', events: [['a']] },
  {
    rule: 'U+2028, U+2029, U+0085, VT and FF end no line',
    body: 'data:a\u2028b\u2029c\u0085d\u000be\u000cf\n\n',
    events: [['a\u2028b\u2029c\u0085d\u000be\u000cf']],
  },
  { rule: 'nothing is no event', body: '', events: [] },
  { rule: 'blank lines are no events', body: '\n\r\r\n\n', events: [] },
  // The byte order mark.
  { rule: 'one byte order mark is left out', body: `${BOM}data:a\n\n`, events: [['a']] },
  {
    rule: 'a second byte order mark belongs to the field name',
    body: `${BOM}${BOM}data:a\n\ndata:b\n\n`,
    events: [['b']],
  },
  {
    rule: 'a byte order mark further on stays',
    body: `data:a\n\n${BOM}data:b\ndata:${BOM}c\n\n`,
    events: [['a'], [`${BOM}c`]],
  },
  { rule: 'a byte order mark alone is nothing', body: BOM, events: [] },
  { rule: 'a byte order mark that is cut off is no mark', body: [0xef, 0xbb], events: [] },
  // Fields.
  { rule: 'one space after the colon is left out', body: 'data: a\ndata:  b\ndata:\tc\n\n', events: [['a\n b\n\tc']] },
  { rule: 'a no-break space stays', body: 'data:\u00a0a\n\n', events: [['\u00a0a']] },
  { rule: 'a space before the colon makes another field', body: 'data :a\n data:b\ndata:c\n\n', events: [['c']] },
  {
    rule: 'a line without a colon is a field with an empty value',
    body: 'data\n\ndata\ndata\n\ndata:x\ndata\n\n',
    events: [[''], ['\n'], ['x\n']],
  },
  { rule: 'field names are compared literally', body: 'Data:a\nDATA:b\ndata:c\n\n', events: [['c']] },
  { rule: 'unknown fields are left out', body: 'foo:1\n:\nbar\ndata:a\n\n', events: [['a']], comments: [''] },
  {
    rule: 'names that begin like one are other fields',
    body: 'dat:a\ndatab:b\ndatum\nevents:c\nidx:d\ni\nretr:1\ndata:e\n\n',
    events: [['e']],
  },
  { rule: 'colons in a value stay', body: 'data:a:b: c\n\n', events: [['a:b: c']] },
  // Data.
  { rule: 'lines of data are joined by LF', body: 'data:a\ndata:b\ndata:c\n\n', events: [['a\nb\nc']] },
  { rule: 'an empty data field dispatches', body: 'data:\n\ndata: \n\n', events: [[''], ['']] },
  { rule: 'an empty first line of data counts', body: 'data:\ndata:x\n\n', events: [['\nx']] },
  { rule: 'only one final LF is dropped', body: 'data:x\ndata:\ndata:\n\n', events: [['x\n\n']] },
  {
    rule: 'a block without data is no event',
    body: 'event:ping\n\nretry:5\n\n:x\n\ndata:a\n\n',
    events: [['a']],
    retries: [5],
    comments: ['x'],
  },
  { rule: 'an event that no blank line ends is none', body: 'data:a\n\ndata:b\n', events: [['a']] },
  { rule: 'nor is one whose line has no end', body: 'data:a\n\ndata:b', events: [['a']] },
  { rule: 'U+0000 stays in data', body: 'data:\0\n\n', events: [['\0']] },
  // The type.
  { rule: 'event names the type', body: 'event:tick\ndata:a\n\n', events: [['a', 'tick']] },
  {
    rule: 'the type is forgotten after a blank line',
    body: 'event:tick\ndata:a\n\ndata:b\n\nevent:x\n\ndata:c\n\n',
    events: [['a', 'tick'], ['b'], ['c']],
  },
  {
    rule: 'an empty type is message',
    body: 'event:\ndata:a\n\nevent\ndata:b\n\nevent:x\nevent:\ndata:c\n\n',
    events: [['a'], ['b'], ['c']],
  },
  { rule: 'the last event field counts', body: 'event:a\nevent: b \ndata:x\n\n', events: [['x', 'b ']] },
  { rule: 'the type may follow the data', body: 'data:x\nevent:late\n\n', events: [['x', 'late']] },
  // The id.
  {
    rule: 'an id stays for events without one',
    body: 'id:1\ndata:a\n\ndata:b\n\n',
    events: [
      ['a', 'message', '1'],
      ['b', 'message', '1'],
    ],
  },
  {
    rule: 'an empty id resets it',
    body: 'id:1\ndata:a\n\nid\ndata:b\n\nid:2\nid:\ndata:c\n\n',
    events: [['a', 'message', '1'], ['b'], ['c']],
  },
  {
    rule: 'an id with U+0000 is left out',
    body: 'id:1\ndata:a\n\nid:2\0\ndata:b\n\n',
    events: [
      ['a', 'message', '1'],
      ['b', 'message', '1'],
    ],
  },
  {
    rule: 'an id counts from the blank line on, without data too',
    body: 'id:1\n\ndata:a\n\nid:1\n\n',
    events: [['a', 'message', '1']],
    ids: ['1'],
  },
  {
    rule: 'the id of a block that is not ended does not count',
    body: 'id:1\ndata:a\n\nid:2\ndata:b\n',
    events: [['a', 'message', '1']],
  },
  {
    rule: 'an id beyond Latin-1 stays as it is',
    body: 'id: \u2026\u{1f600} \ndata:a\n\n',
    events: [['a', 'message', '\u2026\u{1f600} ']],
  },
  { rule: 'the last id field counts', body: 'id:1\ndata:a\nid:2\n\n', events: [['a', 'message', '2']] },
  // The wait.
  {
    rule: 'retry takes ASCII digits only',
    body: 'retry:1e3\nretry:-1\nretry:1000x\nretry:\nretry\nretry:+5\nretry:1.5\nretry: \u0663\nretry: 7\nretry:  8\n',
    events: [],
    retries: [7],
  },
  { rule: 'retry counts at once', body: 'retry:0120', events: [] },
  { rule: 'and with a line end', body: 'retry:0120\nretry:99999999999999999999\r', events: [], retries: [120, 1e20] },
  // Comments.
  {
    rule: 'comments are told, and are no fields',
    body: ': ping\n:\n:data:a\n: :b\ndata:c\n:x\ndata:d\n\n',
    events: [['c\nd']],
    comments: ['ping', '', 'data:a', ':b', 'x'],
  },
  // UTF-8.
  {
    rule: 'characters of all sizes',
    body: 'event:\u00e9\u4e16\ndata:\u00e9\u4e16\u{1f600}\n\n',
    events: [['\u00e9\u4e16\u{1f600}', '\u00e9\u4e16']],
  },
  {
    rule: 'what is not UTF-8 becomes U+FFFD, as often as the Encoding Standard says',
    body: [...'data:']
      .map((c) => c.charCodeAt(0))
      .concat(
        0xe2,
        0x82,
        0x41,
        0xf0,
        0x9f,
        0x98,
        0x0a,
        0x64,
        0x61,
        0x74,
        0x61,
        0x3a,
        0xff,
        0xc3,
        0x80,
        0xed,
        0xa0,
        0x80,
        0x0a,
        0x0a,
      ),
    events: [['\ufffdA\ufffd\n\ufffd\u00c0\ufffd\ufffd\ufffd']],
  },
  {
    rule: 'a lead byte before a line end does not eat it',
    body: [0x64, 0x61, 0x74, 0x61, 0x3a, 0xe2, 0x0a, 0x0a],
    events: [['\ufffd']],
  },
];
