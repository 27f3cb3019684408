import { simulateJitter } from './jitter.ts';
console.time('t');
for (const r of simulateJitter(1, 20, [10, 50, 100]))
  console.log(r.clients, r.name.padEnd(26), r.timeMs.toFixed(0), r.calls.toFixed(1));
console.timeEnd('t');
