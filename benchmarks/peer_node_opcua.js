// node-opcua's client on the load server: a subscription whose handler keeps the value of each item.
//
//     node peer_node_opcua.js MODULES ENDPOINT TAGS SECONDS
//
// Prints what it cost as JSON.
"use strict";

const path = require("node:path");
const { createRequire } = require("node:module");

const [modules, endpoint, tagsText, secondsText] = process.argv.slice(2);
const load = createRequire(path.join(modules, "node_modules", "x.js"));
const { OPCUAClient, ClientSubscription, ClientMonitoredItemGroup, TimestampsToReturn } = load("node-opcua-client");

const NAMESPACE = "urn:parktwin:load";
const BATCH = 1000;
const WARM_UP_MS = 3000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

async function main() {
  const client = OPCUAClient.create({ endpointMustExist: false });
  await client.connect(endpoint);
  const session = await client.createSession();
  const index = (await session.readNamespaceArray()).indexOf(NAMESPACE);
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: 100,
    requestedLifetimeCount: 1000,
    requestedMaxKeepAliveCount: 10,
    maxNotificationsPerPublish: 10000,
    publishingEnabled: true,
  });
  let count = 0;
  const values = new Map();
  const nodes = Array.from({ length: Number(tagsText) }, (_, n) => ({
    nodeId: `ns=${index};s=load_${String(n + 1).padStart(6, "0")}`,
    attributeId: 13,
  }));
  for (let start = 0; start < nodes.length; start += BATCH) {
    const group = ClientMonitoredItemGroup.create(
      subscription,
      nodes.slice(start, start + BATCH),
      { samplingInterval: 0, queueSize: 100, discardOldest: true },
      TimestampsToReturn.Both,
    );
    group.on("changed", (item, dataValue) => {
      count += 1;
      values.set(item, dataValue.value.value);
    });
    await new Promise((resolve) => group.once("initialized", resolve));
  }
  await sleep(WARM_UP_MS);
  const begun = process.hrtime.bigint();
  const cpu = cpuSeconds();
  const before = count;
  await sleep(Number(secondsText) * 1000);
  const cost = {
    values: count - before,
    seconds: Number(process.hrtime.bigint() - begun) / 1e9,
    cpu_s: cpuSeconds() - cpu,
  };
  process.stdout.write(`${JSON.stringify(cost)}\n`);
  process.exit(0);
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
