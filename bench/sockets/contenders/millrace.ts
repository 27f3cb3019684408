import { webSocket } from 'millrace';
import { filter, firstValueFrom } from 'rxjs';

import type { Connect, Tick } from '../job.ts';

export const connect: Connect = async (url, take) => {
  const channel = webSocket<Tick>(url);
  channel.messages.subscribe(take);
  await firstValueFrom(channel.state.pipe(filter(({ type }) => type === 'open')));
  return { send: (message) => channel.send(message).subscribe() };
};
