import { Buffer } from 'node:buffer';
import type { OnReadOpts, Socket } from 'node:net';

/** What is read at once; node reads as much. */
const ROOM_BYTES = 65_536;

/** All connections read into it, since no two read at the same time; what is to be kept is copied out. */
const shared: Uint8Array = /* @__PURE__ */ Buffer.allocUnsafeSlow(ROOM_BYTES);

const INTAKE = Symbol('intake');
type Fed = Socket & { [INTAKE]?: Intake };

/**
 * The receiving side of a connection's socket: what undici reads, and when.
 *
 * It can be held back. undici's own pause takes the process down with an assertion when the server closes a connection
 * that is paused and not kept alive (nodejs/undici#5360, open in undici 7).
 *
 * A socket that was opened with {@link Intake.onread} brings its bytes here past node's stream, which takes 64 KiB of
 * memory for each read and turns of its queue to tell of it: 17 us of CPU a call instead of 19.5.
 */
export class Intake {
  readonly #direct: boolean;
  #socket!: Socket;
  #read!: Socket['read'];
  #chunk: Uint8Array | undefined;
  #held = false;

  /** @param direct - whether the socket is opened with `onread` */
  constructor(direct: boolean) {
    this.#direct = direct;
  }

  /** The intake of a socket, which may have come without one. */
  static of(socket: Socket): Intake {
    return (socket as Fed)[INTAKE] ?? new Intake(false).attach(socket);
  }

  /** What `net.connect` is given, before {@link attach}. */
  onread(): OnReadOpts {
    return { buffer: shared, callback: (bytes) => this.#take(bytes) };
  }

  /** Puts itself between the socket and who reads it. */
  attach(socket: Socket): this {
    this.#socket = socket;
    this.#read = socket.read;
    (socket as Fed)[INTAKE] = this;
    socket.read = readIntake;
    return this;
  }

  hold(): void {
    this.#held = true;
  }

  /** Reads on. Never inside a parser's callback: undici parses one answer at a time. */
  flow(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#socket.emit('readable');
  }

  /** Ends a hold without giving anything away. */
  settle(): void {
    this.#held = false;
  }

  /** @returns whether to read on */
  #take(bytes: number): boolean {
    const socket = this.#socket;
    const piece = Buffer.from(shared.subarray(0, bytes));
    // What is held back waits in node's stream, up to its high-water mark, and the end of the connection behind it.
    if (this.#held || socket.readableLength > 0) return socket.push(piece);
    this.#chunk = piece;
    socket.emit('readable');
    const left = this.#chunk as Uint8Array | undefined;
    this.#chunk = undefined;
    return left === undefined || socket.push(left);
  }

  /** What `socket.read` gives. */
  give(size: number | undefined): unknown {
    // With 0, node looks after itself: it goes on reading, or tells of the end.
    if (size === 0) return this.#read.call(this.#socket, 0);
    if (this.#held) return null;
    const chunk = this.#chunk;
    this.#chunk = undefined;
    if (chunk) return chunk;
    return this.#direct && this.#socket.readableLength === 0 ? null : this.#read.call(this.#socket, size);
  }
}

/** In place of `socket.read`. */
function readIntake(this: Fed, size?: number): unknown {
  return this[INTAKE]!.give(size);
}
