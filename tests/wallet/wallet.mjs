// What wallets do, with a stock library and nothing of ours: learn the token from the chain, show a balance, send and see the
// transfer become final; meet the existential deposit; act through several hands and through a proxy. Prints what it saw as one
// JSON object; wallet.rs judges it.
//
//   node wallet.mjs ws://127.0.0.1:9944
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { formatBalance } from '@polkadot/util';
import { createKeyMulti, encodeAddress, sortAddresses } from '@polkadot/util-crypto';

// Amounts are base units; JSON carries them as strings
const AMOUNT = 12_500_000_000_000n;
const KWH = 1_000_000_000_000n;
const PATIENCE_MS = 180_000;

const free = async (api, address) => (await api.query.system.account(address)).data.free.toBigInt();

// Sends and waits for finality; returns the block, the events in it that belong to the transaction, and its error if it failed
const send = (tx, from) =>
	new Promise((resolve, reject) => {
		tx.signAndSend(from, ({ status, events, dispatchError, isError }) => {
			if (isError) reject(new Error(`the transaction was dropped: ${status}`));
			else if (status.isFinalized) resolve({ block: status.asFinalized, events, dispatchError });
		}).catch(reject);
	});

const succeed = async (tx, from) => {
	const sent = await send(tx, from);
	if (sent.dispatchError) throw new Error(`the transaction failed: ${sent.dispatchError}`);
	return sent;
};

const plainTransfer = async (api, from, to) => {
	const before = { from: await free(api, from.address), to: await free(api, to.address) };
	const { block, events } = await succeed(api.tx.balances.transferKeepAlive(to.address, AMOUNT), from);
	const feePaid = events.find(({ event }) => api.events.transactionPayment.TransactionFeePaid.is(event));
	const after = { from: await free(api, from.address), to: await free(api, to.address) };
	const [fee, tip] = [feePaid.event.data.actualFee, feePaid.event.data.tip].map((paid) => paid.toBigInt());
	return { block: block.toHex(), amount: AMOUNT, before, after, fee, tip };
};

// A new account cannot begin with less than the existential deposit, and can with as much
const existentialDeposit = async (api, from, newcomer) => {
	const least = api.consts.balances.existentialDeposit.toBigInt();
	const less = await send(api.tx.balances.transferKeepAlive(newcomer, least - 1n), from);
	await succeed(api.tx.balances.transferKeepAlive(newcomer, least), from);
	return { least, refused: less.dispatchError?.asToken.type, newcomer: await free(api, newcomer) };
};

// Two of three send what belongs to all of them
const multisig = async (api, hands, to) => {
	const others = (hand) => sortAddresses(hands.filter(({ address }) => address !== hand.address).map(({ address }) => address), api.registry.chainSS58);
	const account = encodeAddress(createKeyMulti(hands.map(({ address }) => address), 2), api.registry.chainSS58);
	await succeed(api.tx.balances.transferKeepAlive(account, 10n * KWH), hands[0]);
	const before = await free(api, to);
	const call = api.tx.balances.transferKeepAlive(to, KWH);
	const { weight } = await call.paymentInfo(hands[0]);
	await succeed(api.tx.multisig.asMulti(2, others(hands[0]), null, call, weight), hands[0]);
	const { when } = (await api.query.multisig.multisigs(account, call.method.hash)).unwrap();
	await succeed(api.tx.multisig.asMulti(2, others(hands[1]), when, call, weight), hands[1]);
	return { sent: (await free(api, to)) - before, left: await free(api, account) };
};

// One account lets another send for it
const proxy = async (api, owner, agent, to) => {
	await succeed(api.tx.proxy.addProxy(agent.address, 'Any', 0), owner);
	const before = await free(api, to);
	await succeed(api.tx.proxy.proxy(owner.address, null, api.tx.balances.transferKeepAlive(to, KWH)), agent);
	const sent = (await free(api, to)) - before;
	await succeed(api.tx.proxy.removeProxy(agent.address, 'Any', 0), owner);
	return { sent };
};

const run = async (url) => {
	const api = await ApiPromise.create({ provider: new WsProvider(url), throwOnConnect: true });
	const keyring = new Keyring({ type: 'sr25519', ss58Format: api.registry.chainSS58 });
	const [dave, eve, ferdie, newcomer] = ['//Dave', '//Eve', '//Ferdie', '//Newcomer'].map((uri) => keyring.addFromUri(uri));
	const transfer = await plainTransfer(api, dave, eve);
	const bld = await api.query.bonds.account(dave.address);
	const seen = {
		chain: (await api.rpc.system.chain()).toString(),
		symbols: api.registry.chainTokens,
		decimals: api.registry.chainDecimals,
		ss58: api.registry.chainSS58,
		shown: api.createType('Balance', transfer.before.from).toHuman(),
		bld: bld.free.toBigInt(),
		bldShown: formatBalance(bld.free, { decimals: api.registry.chainDecimals[1], withUnit: api.registry.chainTokens[1] }),
		...transfer,
		existential: await existentialDeposit(api, eve, newcomer.address),
		multisig: await multisig(api, [eve, ferdie, newcomer], newcomer.address),
		proxy: await proxy(api, eve, ferdie, newcomer.address),
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
