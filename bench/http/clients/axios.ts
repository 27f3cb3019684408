import axios from 'axios';

import type { Chunks, Open } from '../client.ts';

export const open: Open = () => ({
  call: async ({ url, body }) => (await (body ? axios.post(url, body) : axios.get(url))).data,
  stream: async (url) => (await axios.get<Chunks>(url, { responseType: 'stream', maxContentLength: Infinity })).data,
});
