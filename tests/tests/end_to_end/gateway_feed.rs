//! Oracle operators as they run: from files and a web server to the chain's price, and back to none.

use std::{
	fs,
	net::SocketAddr,
	path::{Path, PathBuf},
	time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use baseload_client::{units, Chain};
use baseload_demo::node::free_port;
use baseload_gateway::{metrics::fetch_status, state::Feed};
use baseload_tests::{fleet::Gateway, start_node};
use tempfile::TempDir;
use tokio::{
	io::{AsyncReadExt, AsyncWriteExt},
	net::TcpListener,
};

/// How long an operator may take for anything.
const PATIENCE: Duration = Duration::from_secs(120);

/// An operator's machine.
struct Operator {
	folder: TempDir,
	status: SocketAddr,
	gateway: Gateway,
}

impl Operator {
	/// Starts the operator of a development account. Two files and a server say what a MWh costs; two must agree.
	fn start(chain: &Chain, account: &str, server: &str) -> Result<Self> {
		let folder = tempfile::Builder::new().prefix("baseload-feed-").tempdir()?;
		let place = folder.path().display();
		let key = folder.path().join("account.key");
		fs::write(&key, format!("//{account}\n"))?;
		private(&key)?;
		let status: SocketAddr = ([127, 0, 0, 1], free_port()?).into();
		let mut config = format!(
			"[chain]\nurl = \"{}\"\ngenesis = \"{:?}\"\n[metrics]\nlisten = \"{status}\"\n\
			 [feed]\nkey = \"{place}/account.key\"\nevery = \"5s\"\n\
			 [[feed.price]]\nof = \"reference\"\nmin = \"0.01\"\nmax = \"1\"\nmax_move = \"10 %\"\nquorum = 2\n",
			chain.url(),
			chain.genesis_hash()
		);
		for (name, source) in [
			("one", format!("file = \"{place}/one.json\"")),
			("two", format!("file = \"{place}/two.json\"")),
			("server", format!("http = \"{server}\"")),
		] {
			config += &format!(
				"[[feed.price.input]]\nname = \"{name}\"\nsource = {{ {source} }}\nvalue = \"/data/0/price\"\nunit = \"per MWh\"\n"
			);
		}
		let path = folder.path().join("gateway.toml");
		fs::write(&path, config)?;
		write(folder.path(), ["103.4", "103.4"])?;
		let gateway = Gateway::start_as("feed", folder.path(), &path)?;
		Ok(Self {
			folder,
			status,
			gateway,
		})
	}

	fn said(&self) -> String {
		fs::read_to_string(log(self.folder.path())).unwrap_or_default()
	}

	/// Waits until the operator tells of itself what is expected.
	async fn until(&self, what: &str, holds: impl Fn(&Feed) -> bool) -> Result<Feed> {
		let deadline = Instant::now() + PATIENCE;
		loop {
			let status = fetch_status(self.status).await.ok();
			let feed = status.and_then(|status| status.feeds.into_iter().find(|feed| feed.price == "reference"));
			match feed {
				Some(feed) if holds(&feed) => return Ok(feed),
				feed if Instant::now() > deadline => bail!("waited for {what}: {feed:?}\n{}", self.said()),
				_ => tokio::time::sleep(Duration::from_millis(500)).await,
			}
		}
	}
}

fn log(folder: &Path) -> PathBuf {
	folder.join("gateway.log")
}

fn private(path: &Path) -> Result<()> {
	use std::os::unix::fs::PermissionsExt;
	Ok(fs::set_permissions(path, fs::Permissions::from_mode(0o600))?)
}

fn write(folder: &Path, prices: [&str; 2]) -> Result<()> {
	for (name, price) in ["one.json", "two.json"].into_iter().zip(prices) {
		fs::write(folder.join(name), format!("{{\"data\":[{{\"price\":{price}}}]}}"))?;
	}
	Ok(())
}

/// A web server that says what it is told to say.
async fn server(body: &'static str) -> Result<String> {
	let listener = TcpListener::bind("127.0.0.1:0").await?;
	let address = listener.local_addr()?;
	tokio::spawn(async move {
		while let Ok((mut stream, _)) = listener.accept().await {
			let mut request = [0; 2_048];
			let _ = stream.read(&mut request).await;
			let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
			let _ = stream.write_all(head.as_bytes()).await;
			let _ = stream.write_all(body.as_bytes()).await;
		}
	});
	Ok(format!("http://{address}/price.json"))
}

#[tokio::test]
async fn price_should_be_on_the_chain_when_two_operators_feed_and_each_should_know_who_is_stale() -> Result<()> {
	let mut node = start_node().await?;
	let chain = Chain::connect(&node.url()).await?;
	let good = server(r#"{"data":[{"price":"103.40"}]}"#).await?;
	let broken = server("<html>maintenance</html>").await?;
	let price = || async { Ok::<_, anyhow::Error>(chain.best().await?.prices().await?.0) };

	// One operator alone: its own report is fresh, the chain is the stale one
	let mut alice = Operator::start(&chain, "Alice", &good)?;
	let alone = alice
		.until("Alice's report", |feed| feed.last.is_some() && feed.chain_stale)
		.await?;
	assert_eq!(alone.last.as_ref().map(|(price, _)| price.as_str()), Some("0.1034"));
	ensure!(!alone.own_stale, "{alone:?}");
	assert_eq!(price().await?, None);

	// A second one, whose web server is down for maintenance
	let mut bob = Operator::start(&chain, "Bob", &broken)?;
	let both = alice
		.until("a price", |feed| !feed.chain_stale && !feed.own_stale)
		.await?;
	ensure!(both.error.is_none(), "{both:?}");
	// The published price follows its feeds by at most a hundredth a day
	let followed = price().await?.context("no price")?;
	ensure!(
		followed >= units::parse_price("0.1")? && followed < units::parse_price("0.101")?,
		"{followed}"
	);
	ensure!(bob.said().contains("is no JSON text"), "{}", bob.said());

	// A small move is followed; a large one is not, and says what to do
	write(bob.folder.path(), ["105", "105"])?;
	bob.until("the move", |feed| {
		feed.last.as_ref().is_some_and(|(price, _)| price == "0.105")
	})
	.await?;
	write(bob.folder.path(), ["205", "205"])?;
	let refused = bob.until("a refusal", |feed| feed.error.is_some()).await?;
	let error = refused.error.map(|fault| fault.text).unwrap_or_default();
	ensure!(error.contains("0.205 is more than 10 % away from 0.105"), "{error}");
	write(bob.folder.path(), ["105", "nonsense"])?;
	let refused = bob
		.until("too few inputs", |feed| {
			feed.error
				.as_ref()
				.is_some_and(|fault| fault.text.contains("1 of 3 inputs agree, 2 are needed"))
		})
		.await?;
	ensure!(refused.error.is_some());

	// Whoever is no operator is told so
	let mut dave = Operator::start(&chain, "Dave", &good)?;
	let stranger = dave
		.until("a refusal", |feed| feed.error.is_some() && feed.own_stale)
		.await?;
	let error = stranger.error.map(|fault| fault.text).unwrap_or_default();
	ensure!(error.contains("no oracle operator"), "{error}");

	for operator in [&mut alice, &mut bob, &mut dave] {
		operator.gateway.stop().await?;
	}
	node.stop().await
}
