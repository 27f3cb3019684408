import { EventSource } from 'undici';

import { openWith } from '../client.ts';

export const open = openWith(EventSource);
