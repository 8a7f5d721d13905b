// Reads a topic and writes it back, knowing only the addresses of broker and registry: no schema of ours is in here.
// Usage: node interop.js <bootstrap servers> <registry url> <topic to read> <records> <topic to write>
'use strict';

const { Kafka, logLevel } = require('kafkajs');
const { SchemaRegistry } = require('@kafkajs/confluent-schema-registry');

const [bootstrap, registryUrl, source, count, target] = process.argv.slice(2);

async function main() {
  const kafka = new Kafka({ clientId: 'interop', brokers: bootstrap.split(','), logLevel: logLevel.ERROR });
  const registry = new SchemaRegistry({ host: registryUrl });
  const { events, schemaId } = await read(kafka, registry, Number(count));
  for (const event of events) {
    process.stdout.write(JSON.stringify(event, json) + '\n');
  }
  await write(kafka, registry, schemaId, events);
}

async function read(kafka, registry, wanted) {
  const consumer = kafka.consumer({ groupId: `interop-${source}` });
  await consumer.connect();
  await consumer.subscribe({ topic: source, fromBeginning: true });
  const events = [];
  let schemaId;
  await new Promise((resolve, reject) => {
    consumer.run({
      eachMessage: async ({ message }) => {
        try {
          schemaId = message.value.readInt32BE(1);
          events.push(await registry.decode(message.value));
          if (events.length === wanted) resolve();
        } catch (error) {
          reject(error);
        }
      },
    });
  });
  await consumer.disconnect();
  return { events, schemaId };
}

async function write(kafka, registry, schemaId, events) {
  // Registers the schema anew under the target's subject, as a producer of its own would.
  const { type, schema } = await registry.getSchema(schemaId).then((found) => ({
    type: 'AVRO',
    schema: JSON.stringify(found),
  }));
  const { id } = await registry.register({ type, schema }, { subject: `${target}-value` });
  const producer = kafka.producer();
  await producer.connect();
  for (const event of events) {
    await producer.send({
      topic: target,
      acks: -1,
      messages: [{ key: event.api_key_id, value: await registry.encode(id, event) }],
    });
  }
  await producer.disconnect();
}

function json(key, value) {
  return value && value.type === 'Buffer' ? Buffer.from(value.data).toString('hex') : value;
}

main().then(
  () => process.exit(0),
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);
