/** Server-sent events of a shape, as many as make about `total` bytes. */
export function eventsOf(shape: string, total: number): { text: string; count: number; weight: number } {
  const make = shapes[shape]!;
  const count = Math.ceil(total / make(0).event.length);
  const parts = Array.from({ length: count }, (_, i) => make(i));
  const weight = parts.reduce((sum, { data }) => sum + data.length, 0);
  return { text: parts.map(({ event }) => event).join(''), count, weight };
}

const event = (data: string, before = ''): { event: string; data: string } => {
  return { event: `${before}data: ${data}\n\n`, data };
};

const shapes: Readonly<Record<string, (i: number) => { event: string; data: string }>> = {
  // As the two most used language models send them.
  chunk: (i) =>
    event(
      `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1694268190,"model":"m","choices":[{"index":0,"delta":{"content":" word${i % 100}"},"finish_reason":null}]}`,
    ),
  named: (i) =>
    event(
      `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":" word${i % 100}"}}`,
      'event: content_block_delta\n',
    ),
  ided: (i) => event(`{"price":${i}}`, `id: ${i}\nevent: tick\n`),
  tiny: (i) => event(String(i % 10)),
};
