// What a wallet does, with a stock library and nothing of ours: learn the token from the chain, show a balance, send, and see
// the transfer become final. Prints what it saw as one JSON object; wallet.rs judges it.
//
//   node wallet.mjs ws://127.0.0.1:9944
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';

// Amounts are base units; JSON carries them as strings
const AMOUNT = 12_500_000_000_000n;
const PATIENCE_MS = 90_000;

const free = async (api, address) => (await api.query.system.account(address)).data.free.toBigInt();

// Sends and waits for finality; returns the events of the transfer's block that belong to it
const transfer = (api, from, to) =>
	new Promise((resolve, reject) => {
		api.tx.balances
			.transferKeepAlive(to.address, AMOUNT)
			.signAndSend(from, ({ status, events, dispatchError, isError }) => {
				if (isError) reject(new Error(`the transfer was dropped: ${status}`));
				else if (status.isFinalized && dispatchError) reject(new Error(`the transfer failed: ${dispatchError}`));
				else if (status.isFinalized) resolve({ block: status.asFinalized, events });
			})
			.catch(reject);
	});

const run = async (url) => {
	const api = await ApiPromise.create({ provider: new WsProvider(url), throwOnConnect: true });
	const keyring = new Keyring({ type: 'sr25519', ss58Format: api.registry.chainSS58 });
	const [from, to] = [keyring.addFromUri('//Dave'), keyring.addFromUri('//Eve')];
	const before = { from: await free(api, from.address), to: await free(api, to.address) };
	const { block, events } = await transfer(api, from, to);
	const feePaid = events.find(({ event }) => api.events.transactionPayment.TransactionFeePaid.is(event));
	const after = { from: await free(api, from.address), to: await free(api, to.address) };
	const [fee, tip] = [feePaid.event.data.actualFee, feePaid.event.data.tip].map((paid) => paid.toBigInt());
	const seen = {
		chain: (await api.rpc.system.chain()).toString(),
		symbol: api.registry.chainTokens[0],
		decimals: api.registry.chainDecimals[0],
		ss58: api.registry.chainSS58,
		shown: api.createType('Balance', before.from).toHuman(),
		block: block.toHex(),
		amount: AMOUNT,
		before,
		after,
		fee,
		tip,
	};
	await api.disconnect();
	return seen;
};

setTimeout(() => {
	console.error(`not done after ${PATIENCE_MS / 1000} s`);
	process.exit(1);
}, PATIENCE_MS);

try {
	const seen = await run(process.argv[2]);
	console.log(JSON.stringify(seen, (_, value) => (typeof value === 'bigint' ? value.toString() : value)));
	process.exit(0);
} catch (error) {
	console.error(error);
	process.exit(1);
}
