import { gc } from './gc.js';

/** What is alive when nothing more can be freed. Unit: bytes. */
export async function heapBytes(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().heapUsed;
}
