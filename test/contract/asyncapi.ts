/** The AsyncAPI 3.0 document of the MQTT contract, made from the table of topics. */
import { TOPIC_ROOT, TOPICS, type Topic } from '@timeband/protocol';
import { PARAMETERS, SCHEMAS, type Schema } from './schemas.js';

/** An example of what is on a topic, by the name of the message. */
export type Examples = Readonly<Record<string, unknown>>;

export function asyncapi(examples: Examples): Schema {
  const topics: readonly (readonly [string, Topic])[] = Object.entries(TOPICS);
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Timeband: topics of a gateway',
      version: '1.0.0',
      description:
        'What a gateway publishes and takes over MQTT 3.1.1. SPEC.md, Topics, is normative; the bytes are in SPEC.md and timeband.cddl.',
    },
    defaultContentType: 'application/json',
    channels: Object.fromEntries(topics.map(([name, topic]) => [name, channel(topic)])),
    operations: Object.fromEntries(topics.map(([name, topic]) => [name, operation(name, topic)])),
    components: {
      messages: Object.fromEntries(topics.map(([, topic]) => [topic.message, message(topic, examples)])),
      schemas: SCHEMAS,
      parameters: Object.fromEntries(
        Object.entries(PARAMETERS).map(([name, description]) => [name, { description }]),
      ),
    },
  };
}

function channel({ path, says, message: name, status }: Topic): Schema {
  const address = `${TOPIC_ROOT}/{site}/{gateway}/${path}`;
  const parameters = [...address.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => [
    parameter,
    { $ref: `#/components/parameters/${parameter}` },
  ]);
  return {
    address,
    description: says,
    messages: { [name]: { $ref: `#/components/messages/${name}` } },
    parameters: Object.fromEntries(parameters) as Schema,
    'x-status': status,
  };
}

/** From the gateway's side, as AsyncAPI has it: it sends what it publishes. */
function operation(name: string, topic: Topic): Schema {
  return {
    action: topic.publisher === 'gateway' ? 'send' : 'receive',
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${topic.message}` }],
    bindings: { mqtt: { qos: topic.qos, retain: topic.retained, bindingVersion: '0.2.0' } },
    'x-status': topic.status,
  };
}

function message({ message: name, contentType }: Topic, examples: Examples): Schema {
  const example = examples[name];
  return {
    name,
    contentType,
    payload: { $ref: `#/components/schemas/${name}` },
    ...(example === undefined ? {} : { examples: [{ payload: example }] }),
  };
}
