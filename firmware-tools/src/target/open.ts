/** From a target to a device that can be asked: its link, a session where it demands one, its buffers, and who it is. */
import {
  call,
  type CertifiedParty,
  COMMAND,
  DEFAULT_PARAMETERS,
  demandsSession,
  type Identity,
  parametersRequest,
  RC,
  readParameters,
  SessionClient,
  type SessionPeer,
  type SmpClient,
  SmpError,
  type SmpParameters,
  type TimebandError,
  type Timers,
} from '@timeband/protocol';
import { type Target, TargetError } from './target.js';

/** Requests under way at once that the client keeps apart; how many a device takes is told by its parameters. */
const CLIENT_WINDOW = 32;

export interface OpenOptions {
  /** Whose session it becomes where the link is not trusted (SPEC.md, Session). */
  readonly technician?: CertifiedParty | undefined;
  readonly timers?: Timers | undefined;
  /** Milliseconds to wait for each answer; each question is repeated twice. */
  readonly timeoutMs?: number | undefined;
  /** Open it all the same when the firmware does not say who it is: to look at one that is ill. */
  readonly evenIfIll?: boolean | undefined;
  readonly onFault?: ((error: TimebandError) => void) | undefined;
  /** The link has ended: with the reason when nobody here asked for it. */
  readonly onClosed?: ((reason?: Error) => void) | undefined;
}

/** A device in use. It has to be closed, also after its link was lost. */
export interface OpenDevice {
  readonly target: Target;
  readonly client: SmpClient;
  readonly parameters: SmpParameters & { readonly assumed: boolean };
  /** None where the firmware is not ours: a bootloader, any other that speaks SMP. */
  readonly identity: Identity | undefined;
  /** Why the firmware did not say who it is. */
  readonly illness?: SmpError | undefined;
  /** Who has proven to be at the other end, where there is a session. */
  readonly peer: SessionPeer | undefined;
  /** Idempotent. */
  readonly close: () => Promise<void>;
}

/** @throws LinkError, SmpError, SessionError, CborError; TargetError `target/session` */
export async function openDevice(target: Target, options: OpenOptions = {}): Promise<OpenDevice> {
  const { technician, timers, timeoutMs, onFault, onClosed } = options;
  const client = new SessionClient(await target.open(), {
    window: CLIENT_WINDOW,
    ...(timers && { timers }),
    ...(timeoutMs && { timeoutMs }),
    ...(onFault && { onFault }),
    ...(onClosed && { onClosed }),
  });
  try {
    if (target.isUntrusted) await beginSession(client, target, technician);
    const parameters = await askParameters(client);
    const identity = await askIdentity(client)
      .catch(async (error: unknown) => {
        if (!demandsSession(error) || client.peer !== undefined) throw error;
        await beginSession(client, target, technician);
        return askIdentity(client);
      })
      .catch((error: unknown) => {
        if (options.evenIfIll === true && error instanceof SmpError) return error;
        throw error;
      });
    await target.opened?.({ client, peer: client.peer });
    const close = (): Promise<void> => client.close();
    return identity instanceof SmpError
      ? { target, client, parameters, identity: undefined, illness: identity, peer: client.peer, close }
      : { target, client, parameters, identity, peer: client.peer, close };
  } catch (error) {
    await client.close();
    throw error;
  }
}

async function beginSession(
  client: SessionClient,
  { name }: Target,
  technician: CertifiedParty | undefined,
): Promise<void> {
  if (technician === undefined)
    throw new TargetError(
      'target/session',
      `${name} demands a session: give your key and certificate (--technician-key, --technician-cert)`,
    );
  await client.beginCertified(technician);
}

async function askParameters(client: SmpClient): Promise<OpenDevice['parameters']> {
  try {
    return { ...readParameters(await client.request(parametersRequest)), assumed: false };
  } catch (error) {
    // SMP servers need not have the command; a refusal is an answer all the same.
    if (isUnsupported(error)) return { ...DEFAULT_PARAMETERS, assumed: true };
    throw error;
  }
}

async function askIdentity(client: SmpClient): Promise<Identity | undefined> {
  try {
    return await call(client, COMMAND.identity, undefined);
  } catch (error) {
    if (isUnsupported(error)) return undefined;
    throw error;
  }
}

/** Whether a device answered that it has no such command, in whichever of the two forms. */
export function isUnsupported(error: unknown): boolean {
  if (!(error instanceof SmpError) || error.code !== 'smp/device') return false;
  return error.rc === RC.notSupported || (error.rc === RC.notFound && error.group === 0);
}
