import { beforeEach, describe, expect, it } from 'vitest';

import { systemClock } from '../../lib/core/clock.js';
import { ClassicSocket, type PlatformSocketClass } from '../../lib/stream/socket-classic.js';
import type { SocketRequest, SocketSink } from '../../lib/stream/socket-contract.js';

/** A platform's socket that does what the test says. */
class ScriptedSocket extends EventTarget {
  static last: ScriptedSocket;
  readonly protocol = '';
  readonly bufferedAmount = 0;

  constructor() {
    super();
    ScriptedSocket.last = this;
  }

  tell(type: string, fields: object = {}): void {
    this.dispatchEvent(Object.assign(new Event(type), fields));
  }
}

const request: SocketRequest = {
  url: 'ws://a.test/feed',
  origin: 'http://a.test',
  protocols: [],
  headers: [],
  holdsBack: false,
  messageBytes: 1000,
  clock: systemClock,
};

let told: unknown[];
beforeEach(() => {
  told = [];
  const sink = {
    opened: () => told.push('opened'),
    ended: ({ code, error }) => told.push([code, error?.kind, (error as { phase?: string } | undefined)?.phase]),
  } as Partial<SocketSink> as SocketSink;
  void new ClassicSocket(ScriptedSocket as unknown as PlatformSocketClass, request, sink);
});

describe("the end of a platform's socket", () => {
  it('is told once where both events come', () => {
    ScriptedSocket.last.tell('error');
    ScriptedSocket.last.tell('close', { code: 1006, reason: '' });

    expect(told).toEqual([[1006, 'network', 'connect']]);
  });

  it('is told where a handshake fails and no close follows, as on Node 22', () => {
    ScriptedSocket.last.tell('error', { message: 'refused' });

    expect(told).toEqual([[1006, 'network', 'connect']]);
  });

  it.each([0, 1006])('is a lost connection where the code is %i', (code) => {
    ScriptedSocket.last.tell('open');
    ScriptedSocket.last.tell('error', { message: 'reset' });
    ScriptedSocket.last.tell('close', { code, reason: '' });

    expect(told).toEqual(['opened', [1006, 'network', 'receive']]);
  });

  it('is what the server says where it says something', () => {
    ScriptedSocket.last.tell('open');
    ScriptedSocket.last.tell('close', { code: 1005, reason: '' });

    expect(told).toEqual(['opened', [1005, undefined, undefined]]);
  });
});
