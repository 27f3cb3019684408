import { EventSource } from 'eventsource';

import { openWith } from '../client.ts';

export const open = openWith(EventSource);
