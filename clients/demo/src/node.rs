//! A node as a child process: start, wait until it makes or receives blocks, kill, start again on the same data, stop.

use std::{
	fs::{File, OpenOptions},
	io::{Read, Seek, SeekFrom},
	net::TcpListener,
	os::unix::process::CommandExt,
	path::{Path, PathBuf},
	process::{Child, Command, ExitStatus, Stdio},
	time::{Duration, Instant},
};

use anyhow::{bail, ensure, Context, Result};
use baseload_client::Chain;
use tempfile::TempDir;

/// Names the node's binary, if it is not beside the running program.
const BINARY_VARIABLE: &str = "BASELOAD_NODE";
/// How long a node may take until it has its first new block: a busy machine needs most of a minute to compile the runtime.
const START_PATIENCE: Duration = Duration::from_secs(180);
/// How long a node may take to stop when asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(20);
/// Bytes of log that an error message quotes.
const TAIL: u64 = 4_000;

/// Where the node keeps its data.
enum Home {
	/// Deleted at the end.
	Throwaway(TempDir),
	/// Kept.
	Given(PathBuf),
}

impl Home {
	fn path(&self) -> &Path {
		match self {
			Self::Throwaway(folder) => folder.path(),
			Self::Given(path) => path,
		}
	}
}

/// What to start, and where.
#[derive(Clone, Debug, Default)]
pub struct Options {
	/// The binary; `None` looks where [`find_binary`] does.
	pub binary: Option<PathBuf>,
	/// Folder for the node's data, kept at the end; `None` for a throwaway one.
	pub base_path: Option<PathBuf>,
	/// Port of the RPC server; `None` for a free one.
	pub rpc_port: Option<u16>,
	/// Which network, and how it takes part in it; empty for a development network of its own, without metrics.
	pub arguments: Vec<String>,
}

/// A node, which appends its log to `node.log` in its folder. Dropping it kills the process.
pub struct Node {
	binary: PathBuf,
	home: Home,
	ports: Ports,
	arguments: Vec<String>,
	child: Child,
}

/// Where a node listens.
#[derive(Clone, Copy)]
struct Ports {
	rpc: u16,
	network: u16,
}

impl Node {
	/// Starts a node and waits until it makes blocks, or receives them.
	pub async fn start(options: Options) -> Result<Self> {
		let binary = find_binary("baseload-node", "baseload-node", BINARY_VARIABLE, options.binary)?;
		let home = match options.base_path {
			Some(path) => {
				std::fs::create_dir_all(&path).with_context(|| format!("cannot make the folder {}", path.display()))?;
				Home::Given(path)
			}
			None => Home::Throwaway(tempfile::Builder::new().prefix("baseload-").tempdir()?),
		};
		let ports = Ports {
			rpc: options.rpc_port.map_or_else(free_port, Ok)?,
			network: free_port()?,
		};
		let arguments = match options.arguments {
			arguments if arguments.is_empty() => ["--dev", "--no-prometheus"].map(String::from).to_vec(),
			arguments => arguments,
		};
		let child = spawn(&binary, home.path(), ports, &arguments)?;
		let mut node = Self {
			binary,
			home,
			ports,
			arguments,
			child,
		};
		node.wait_until_ready().await?;
		Ok(node)
	}

	/// Where it listens.
	pub fn url(&self) -> String {
		format!("ws://127.0.0.1:{}", self.ports.rpc)
	}

	/// The port at which other nodes find it.
	pub fn network_port(&self) -> u16 {
		self.ports.network
	}

	/// Number of its process.
	pub fn id(&self) -> u32 {
		self.child.id()
	}

	/// Where it keeps its data.
	pub fn base_path(&self) -> &Path {
		self.home.path()
	}

	/// Kills the process with SIGKILL, as a power cut would, and waits until it is gone.
	pub fn kill(&mut self) -> Result<()> {
		self.child.kill().context("cannot kill the node")?;
		self.child.wait().context("cannot wait for the node")?;
		Ok(())
	}

	/// Starts the node again on the same data and waits until the chain grows. Fails if it still runs.
	pub async fn start_again(&mut self) -> Result<()> {
		ensure!(self.exited()?.is_some(), "the node still runs");
		self.child = spawn(&self.binary, self.home.path(), self.ports, &self.arguments)?;
		self.wait_until_ready().await
	}

	/// Asks the node to stop, and waits until it has.
	pub async fn stop(&mut self) -> Result<()> {
		if self.exited()?.is_some() {
			return Ok(());
		}
		let asked = Command::new("kill")
			.arg("-TERM")
			.arg(self.child.id().to_string())
			.status();
		ensure!(asked.context("cannot run `kill`")?.success(), "cannot signal the node");
		let deadline = Instant::now() + STOP_PATIENCE;
		while Instant::now() < deadline {
			if let Some(status) = self.exited()? {
				ensure!(status.success(), "the node ended with {status}{}", self.tail());
				return Ok(());
			}
			tokio::time::sleep(Duration::from_millis(50)).await;
		}
		self.kill()?;
		bail!(
			"the node did not stop within {} s and was killed{}",
			STOP_PATIENCE.as_secs(),
			self.tail()
		)
	}

	/// Waits until the process ends by itself, which is an error.
	pub async fn ended(&mut self) -> Result<()> {
		loop {
			if let Some(status) = self.exited()? {
				bail!("the node ended with {status}");
			}
			tokio::time::sleep(Duration::from_millis(500)).await;
		}
	}

	/// How the process ended; `None` while it runs.
	fn exited(&mut self) -> Result<Option<ExitStatus>> {
		self.child.try_wait().context("cannot look at the node's process")
	}

	/// Waits until a client can connect and the chain has grown since.
	async fn wait_until_ready(&mut self) -> Result<()> {
		let deadline = Instant::now() + START_PATIENCE;
		let mut first_seen = None;
		let mut chain = None;
		while Instant::now() < deadline {
			if let Some(status) = self.exited()? {
				bail!("the node ended with {status} while starting{}", self.tail());
			}
			match &chain {
				None => chain = Chain::connect(&self.url()).await.ok(),
				Some(connected) => match Chain::best_number(connected).await {
					Ok(number) if first_seen.is_some_and(|first| number > first) => return Ok(()),
					Ok(number) => first_seen = first_seen.or(Some(number)),
					Err(_) => chain = None,
				},
			}
			tokio::time::sleep(Duration::from_millis(100)).await;
		}
		bail!(
			"the node had no new block within {} s{}",
			START_PATIENCE.as_secs(),
			self.tail()
		)
	}

	/// The end of the log, for an error message.
	pub fn tail(&self) -> String {
		let log = log_path(self.home.path());
		let whole = match &self.home {
			Home::Throwaway(_) => String::new(),
			Home::Given(_) => format!(" {}", log.display()),
		};
		match read_tail(&log) {
			Ok(text) => format!("; the end of its log{whole}:\n{text}"),
			Err(error) => format!("; its log{whole} cannot be read: {error}"),
		}
	}
}

impl Drop for Node {
	fn drop(&mut self) {
		// The process may be gone already; either way nothing is left to do
		let _ = self.kill();
	}
}

/// Looks for the program `name` of the crate `package`: `given`, else the one that the environment variable names, else
/// the one beside the running program (or beside the folders `deps` and `examples`, where cargo puts tests and examples).
pub fn find_binary(name: &str, package: &str, variable: &str, given: Option<PathBuf>) -> Result<PathBuf> {
	if let Some(path) = given.or_else(|| std::env::var_os(variable).map(PathBuf::from)) {
		ensure!(path.is_file(), "there is no program {}", path.display());
		return Ok(path);
	}
	let here = std::env::current_exe().context("cannot tell where this program is")?;
	let is_cargos = |folder: &&Path| folder.ends_with("deps") || folder.ends_with("examples");
	let folder = here.ancestors().skip(1).find(|folder| !is_cargos(folder));
	let folder = folder.context("this program is in no folder")?;
	let path = folder.join(name);
	ensure!(
		path.is_file(),
		"there is no {}; build it with `scripts/with-toolchain cargo build --release -p {package}`, or name it with \
		 {variable}",
		path.display()
	);
	Ok(path)
}

/// A TCP port that nobody listens on at this moment.
pub fn free_port() -> Result<u16> {
	let probe = TcpListener::bind(("127.0.0.1", 0)).context("there is no free port")?;
	Ok(probe.local_addr()?.port())
}

/// True if nobody listens on the port at this moment.
pub fn is_free(port: u16) -> bool {
	TcpListener::bind(("127.0.0.1", port)).is_ok()
}

fn spawn(binary: &Path, home: &Path, ports: Ports, arguments: &[String]) -> Result<Child> {
	let log = OpenOptions::new()
		.create(true)
		.append(true)
		.open(log_path(home))
		.with_context(|| format!("cannot write to {}", home.display()))?;
	Command::new(binary)
		.args(arguments)
		.arg("--base-path")
		.arg(home)
		.args([
			"--rpc-port",
			&ports.rpc.to_string(),
			"--port",
			&ports.network.to_string(),
		])
		.stdin(Stdio::null())
		.stdout(log.try_clone()?)
		.stderr(log)
		// Its own group, so that Ctrl-C reaches this program alone, which then stops the node in order
		.process_group(0)
		.spawn()
		.with_context(|| format!("cannot start {}", binary.display()))
}

fn log_path(home: &Path) -> PathBuf {
	home.join("node.log")
}

/// The last whole lines.
fn read_tail(path: &Path) -> std::io::Result<String> {
	let mut file = File::open(path)?;
	let start = file.metadata()?.len().saturating_sub(TAIL);
	file.seek(SeekFrom::Start(start))?;
	let mut bytes = Vec::new();
	file.take(TAIL).read_to_end(&mut bytes)?;
	let text = String::from_utf8_lossy(&bytes).into_owned();
	Ok(match text.split_once('\n') {
		Some((_partial, lines)) if start > 0 => lines.to_owned(),
		_ => text,
	})
}
