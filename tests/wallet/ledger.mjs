// What an offline wallet such as Ledger does, with stock libraries and nothing of ours: it knows the chain by its metadata only, so it
// signs the hash of the metadata by which it showed the transfer, and the chain takes the transfer only if that is its own. Prints
// what became of three transfers as one JSON object: shown rightly, shown with other decimals, and shown rightly again.
//
//   node ledger.mjs ws://127.0.0.1:9944
import { ApiPromise, Keyring, WsProvider } from '@polkadot/api';
import { merkleizeMetadata } from '@polkadot-api/merkleize-metadata';

const KWH = 1_000_000_000_000n;
const PATIENCE_MS = 120_000;

// What the chain said: "in a block", or why it refused
const transfer = (api, from, to, metadataHash) =>
	new Promise((resolve) => {
		// Mode 1: the hash is part of what is signed
		api.tx.balances
			.transferKeepAlive(to, KWH)
			.signAndSend(from, { mode: 1, metadataHash }, ({ status, dispatchError }) => {
				if (dispatchError) resolve(`failed: ${dispatchError}`);
				else if (status.isInBlock) resolve('in a block');
			})
			.catch((error) => resolve(error.message));
	});

const run = async (url) => {
	const api = await ApiPromise.create({ provider: new WsProvider(url), throwOnConnect: true, noInitWarn: true });
	const keyring = new Keyring({ type: 'sr25519', ss58Format: api.registry.chainSS58 });
	const [dave, eve] = ['//Dave', '//Eve'].map((uri) => keyring.addFromUri(uri));
	// Version 15 is what these wallets read
	const metadata = (await api.call.metadata.metadataAtVersion(15)).unwrap().toU8a(true);
	const hash = (decimals) => {
		const digest = merkleizeMetadata(metadata, { decimals, tokenSymbol: api.registry.chainTokens[0] }).digest();
		return `0x${Buffer.from(digest).toString('hex')}`;
	};
	const [right, wrong] = [api.registry.chainDecimals[0], 6].map(hash);
	const seen = {
		shown: await transfer(api, dave, eve.address, right),
		otherDecimals: await transfer(api, dave, eve.address, wrong),
		again: await transfer(api, dave, eve.address, right),
	};
	await api.disconnect();
	return seen;
};

setTimeout(() => {
	console.error(`not done after ${PATIENCE_MS / 1000} s`);
	process.exit(1);
}, PATIENCE_MS);

try {
	console.log(JSON.stringify(await run(process.argv[2])));
	process.exit(0);
} catch (error) {
	console.error(error);
	process.exit(1);
}
