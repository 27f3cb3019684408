import { once } from 'node:events';

import { WebSocket } from 'ws';

import type { Connect, Tick } from '../job.ts';

export const connect: Connect = async (url, take) => {
  const socket = new WebSocket(url);
  socket.on('message', (data: Buffer) => take(JSON.parse(data.toString()) as Tick));
  await once(socket, 'open');
  return { send: (message) => socket.send(JSON.stringify(message)) };
};
