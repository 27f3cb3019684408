import type { Capabilities, Transport } from '../../../lib/transport/contract.js';
import { setUp } from './bench.js';
import { within } from './check.js';
import { abortCases } from './cases-aborts.js';
import { answerCases, headerCases } from './cases-answers.js';
import { codingCases } from './cases-codings.js';
import { endingCases } from './cases-endings.js';
import { flowCases } from './cases-flow.js';
import { redirectCases } from './cases-redirects.js';
import { bodyCases, requestCases } from './cases-requests.js';
import { uploadCases } from './cases-uploads.js';
import type { Case, ContractServer } from './types.js';

const all: readonly Case[] = [
  ...answerCases,
  ...headerCases,
  ...requestCases,
  ...bodyCases,
  ...uploadCases,
  ...flowCases,
  ...abortCases,
  ...endingCases,
  ...codingCases,
  ...redirectCases,
];

/** Real sockets on a busy machine. */
const TIMEOUT_MS = 20_000;

/** What of a test runner the suite needs. */
export interface Runner {
  it(title: string, run: () => Promise<void>, timeoutMs: number): void;
}

/** The cases that hold for a transport of these capabilities, in order; titles are unique. */
export function contractCases(capabilities: Capabilities, version: 'http1' | 'http2' = 'http1'): readonly Case[] {
  return all.filter((one) => (one.needs?.(capabilities) ?? true) && !(one.http1 && version === 'http2'));
}

/**
 * Runs one case by its title: on a transport of its own, which is closed afterwards.
 * A page calls this by title; node lists the titles by {@link contractCases}.
 */
export async function runCase(title: string, make: () => Transport, server: ContractServer): Promise<void> {
  const found = all.find((one) => one.title === title);
  if (!found) throw new Error(`there is no case "${title}"`);
  const transport = make();
  const { bench, abortAll, verify } = setUp(transport, server);
  try {
    await found.run(bench);
  } catch (error) {
    abortAll();
    void transport.close?.(); // not waited for: whatever is wrong, this may hang on it
    throw error;
  }
  abortAll();
  await within(Promise.resolve(transport.close?.()), 8_000, () => 'close, with everything aborted');
  verify();
}

/** Registers every case that holds for this transport. Call it inside a `describe`. */
export function transportContract(
  make: () => Transport,
  { it }: Runner,
  server: () => ContractServer,
  version: 'http1' | 'http2' = 'http1',
): void {
  for (const { title } of contractCases(make().capabilities, version)) {
    it(title, () => runCase(title, make, server()), TIMEOUT_MS);
  }
}
