/** A city with three brokers: a NATS cluster whose MQTT listeners keep everything in replicated streams. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDebian, NATS_SERVER } from './debian.js';
import { freePorts, Server } from './server.js';

const NODES = 3;

export interface NatsNode {
  /** Of its MQTT listener. */
  readonly port: number;
  readonly server: Server;
}

/** Starts the nodes and waits until they have found each other. `dir` is where their streams are. */
export async function startNatsCluster(dir: string): Promise<NatsNode[]> {
  const command = await ensureDebian(NATS_SERVER);
  const ports = await freePorts(3 * NODES);
  const [clients, routes, mqtts] = [0, 1, 2].map((kind) => ports.slice(kind * NODES, (kind + 1) * NODES));
  const cluster = routes?.map((port) => `nats://127.0.0.1:${port}`).join(', ') ?? '';
  return Promise.all(
    Array.from({ length: NODES }, async (_, i) => {
      const file = join(dir, `node-${i}.conf`);
      const port = mqtts?.[i] ?? 0;
      mkdirSync(join(dir, `node-${i}`));
      writeFileSync(
        file,
        `server_name: node-${i}
listen: "127.0.0.1:${clients?.[i] ?? 0}"
jetstream { store_dir: "${join(dir, `node-${i}`)}" }
cluster { name: city, listen: "127.0.0.1:${routes?.[i] ?? 0}", routes: [${cluster}] }
mqtt { listen: "127.0.0.1:${port}", stream_replicas: ${NODES} }
`,
      );
      const server = await Server.start(
        `node-${i}`,
        command,
        ['-c', file],
        /JetStream cluster (new )?metadata leader/,
      );
      return { port, server };
    }),
  );
}
