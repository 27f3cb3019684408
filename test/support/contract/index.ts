import type { Capabilities, Transport } from '../../../lib/transport/contract.js';
import { setUp } from './bench.js';
import { answerCases } from './cases-answers.js';
import type { Case, ContractServer } from './types.js';

const all: readonly Case[] = [...answerCases];

/** What of a test runner the suite needs. */
export interface Runner {
  it(title: string, run: () => Promise<void>): void;
}

/** The cases that hold for a transport of these capabilities, in order; titles are unique. */
export function contractCases(capabilities: Capabilities): readonly Case[] {
  return all.filter((one) => one.needs?.(capabilities) ?? true);
}

/**
 * Runs one case by its title: on a transport of its own, which is closed afterwards.
 * A page calls this by title; node lists the titles by {@link contractCases}.
 */
export async function runCase(title: string, make: () => Transport, server: ContractServer): Promise<void> {
  const found = all.find((one) => one.title === title);
  if (!found) throw new Error(`there is no case "${title}"`);
  const transport = make();
  const { bench, verify } = setUp(transport, server);
  try {
    await found.run(bench);
  } finally {
    await transport.close?.();
  }
  verify();
}

/** Registers every case that holds for this transport. Call it inside a `describe`. */
export function transportContract(make: () => Transport, { it }: Runner, server: () => ContractServer): void {
  for (const { title } of contractCases(make().capabilities)) {
    it(title, () => runCase(title, make, server()));
  }
}
