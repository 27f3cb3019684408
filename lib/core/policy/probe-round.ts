/** How the calls fare that may try whether a server is well again. */
export class ProbeRound {
  #trying = 0;
  #passed = 0;
  #missed = 0;

  begin(): void {
    this.#trying = this.#passed = this.#missed = 0;
  }

  /** Takes a place, if there is one. */
  enter(probes: number): boolean {
    const free = this.#trying + this.#passed + this.#missed < probes;
    if (free) this.#trying++;
    return free;
  }

  /** Gives the place back: the probe has told nothing. */
  leave(): void {
    this.#trying--;
  }

  settle(passed: boolean): void {
    this.#trying--;
    if (passed) this.#passed++;
    else this.#missed++;
  }

  /** Whether so many have passed, or no longer can; `undefined` while both is possible, and then a place is left. */
  verdict(probes: number, successes: number): boolean | undefined {
    if (this.#passed >= successes) return true;
    return this.#missed > probes - successes ? false : undefined;
  }
}
