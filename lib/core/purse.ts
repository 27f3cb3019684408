/** Levels are counted in whole millionths: adding 0.1 ten times does not make 1 in floating point. */
const ONE = 1_000_000;

/** What pays for extra attempts: the counting part of a `Budget`, which is all that a client's own budgets need. */
export class Purse {
  #full = 0;
  #earned = 0;
  #level = 0;

  constructor(capacity = 10, earn = 0.1) {
    this.set(capacity, earn, capacity);
  }

  /** Changes what it is, and what it holds: of `level`, what the capacity can hold. */
  set(capacity: number, earn: number, level: number): void {
    this.#full = Math.round(capacity * ONE);
    this.#earned = Math.round(earn * ONE);
    this.#level = Math.min(this.#full, Math.round(level * ONE));
  }

  get level(): number {
    return this.#level / ONE;
  }

  take(): boolean {
    const granted = this.#level >= ONE;
    if (granted) this.#level -= ONE;
    return granted;
  }

  /** @returns whether that changed anything */
  refund(): boolean {
    return this.#add(ONE);
  }

  /** @returns whether that changed anything */
  earn(): boolean {
    return this.#add(this.#earned);
  }

  #add(units: number): boolean {
    const before = this.#level;
    this.#level = Math.min(this.#full, before + units);
    return this.#level !== before;
  }
}

/** What a policy needs of a budget. */
export interface Payer {
  take(): boolean;
  refund(): void;
  earn(): void;
}
