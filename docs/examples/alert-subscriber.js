// Prints every step of every alert. Copy it and put your own code into onAlert.
//
//   npm install kafkajs @kafkajs/confluent-schema-registry
//   node alert-subscriber.js localhost:9092 http://localhost:8081
'use strict';

const { Kafka, logLevel } = require('kafkajs');
const { SchemaRegistry } = require('@kafkajs/confluent-schema-registry');

const [bootstrap, registryUrl] = process.argv.slice(2);
const kafka = new Kafka({ clientId: 'alert-subscriber', brokers: bootstrap.split(','), logLevel: logLevel.ERROR });
const registry = new SchemaRegistry({ host: registryUrl });

// After a crash of this program the last steps come again. Keep these keys where you keep your results.
const seen = new Set();

/** One alert's steps come in order: firing, then resolved. */
function onAlert(alert) {
  const state = alert.state === 'resolved' ? 'resolved' : 'firing';
  const figure = alert.observed_usd === null ? '' : ` [${usd(alert.observed_usd)} USD]`;
  const link = alert.page_url === null ? '' : ` ${alert.page_url}`;
  console.log(`${state} ${alert.severity} ${alert.tenant}: ${alert.summary}${figure}${link}`);
}

/** Avro's decimal(38,12): big-endian two's complement of the amount times 10^12. All digits, as a string. */
function usd(bytes) {
  const unscaled = BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`));
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(13, '0');
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, -12)}.${digits.slice(-12)}`;
}

async function main() {
  const consumer = kafka.consumer({ groupId: 'alert-subscriber-js' }); // yours; each group sees all alerts
  await consumer.connect();
  await consumer.subscribe({ topic: 'llm.alerts.v1', fromBeginning: true });
  await consumer.run({
    // Committed after the work, so that none is missed; read_committed is the default of kafkajs.
    eachMessage: async ({ message }) => {
      const alert = await registry.decode(message.value);
      const key = `${alert.alert_id}|${alert.state}|${alert.updated_at}`;
      if (!seen.has(key)) {
        seen.add(key);
        onAlert(alert);
      }
    },
  });
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
