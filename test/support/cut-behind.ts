import type { IncomingMessage } from 'node:http';

/** Breaks the connection when more bytes of a body have come, without reading any: that is for others to do. */
export function cutBehind(request: IncomingMessage, bytes: number): void {
  const push = request.push.bind(request);
  let came = 0;
  request.push = (piece: Buffer | null, encoding) => {
    came += piece?.length ?? 0;
    if (came > bytes) request.socket.destroy();
    return push(piece, encoding);
  };
}
