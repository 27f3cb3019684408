import type { FlowSubscriber } from './demand.js';
import { Outlet, reportUnhandled } from './outlet.js';
import type { Signal } from './signal.js';

/** Starts the work of a run; what it returns is called once, when the run is over. */
export type Begin<T> = (run: OneValue<T>, signal: Signal) => (() => void) | void;

/** A run that brings one value: begins at the first request, and aborts its signal when it is cancelled before. */
export class OneValue<T> extends Outlet<T> {
  #begin: Begin<T> | undefined;
  #controller: AbortController | undefined;
  #teardown: (() => void) | void = undefined;
  #ready = false;
  #value: T | undefined;

  constructor(to: FlowSubscriber<T>, begin: Begin<T>) {
    super(to);
    this.#begin = begin;
  }

  /** The first call of `resolve` or `reject` counts. */
  resolve(value: T): void {
    if (!this.isOpen || !this.#controller) return;
    this.#controller = undefined;
    this.#ready = true;
    this.#value = value;
    this.complete();
  }

  reject(error: unknown): void {
    if (!this.#controller) return;
    this.#controller = undefined;
    this.fail(error);
  }

  protected override get held(): number {
    return this.#ready ? 1 : 0;
  }

  protected override pull(): boolean {
    if (!this.#ready) return false;
    this.#ready = false;
    this.emit(this.#value as T);
    return false;
  }

  protected override idle(wanted: number): void {
    const begin = this.#begin;
    if (wanted === 0 || !begin) return;
    this.#begin = undefined;
    this.#controller = new AbortController();
    try {
      this.#teardown = begin(this, this.#controller.signal);
    } catch (error) {
      this.reject(error);
    }
    if (!this.isOpen) this.#tearDown();
  }

  protected override release(): void {
    const controller = this.#controller;
    this.#controller = this.#begin = undefined;
    this.#ready = false;
    this.#value = undefined;
    controller?.abort();
    this.#tearDown();
  }

  #tearDown(): void {
    const teardown = this.#teardown;
    this.#teardown = undefined;
    try {
      teardown?.();
    } catch (error) {
      reportUnhandled(error);
    }
  }
}
