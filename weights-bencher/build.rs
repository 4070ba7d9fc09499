//! Builds our runtime and the peers' to wasm with their benchmarks, without building them natively.

use std::path::Path;

use substrate_wasm_builder::WasmBuilder;

fn main() {
	let here = Path::new(env!("CARGO_MANIFEST_DIR"));
	let repository = here
		.join("..")
		.canonicalize()
		.expect("this crate stands in the repository; qed");
	runtime(&repository, "runtime").build();
	runtime(here, "peer-runtime").set_file_name("peer_binary.rs").build();
}

/// The runtime in a folder of `workspace`, with the versions in that workspace's lock file.
fn runtime(workspace: &Path, folder: &str) -> WasmBuilder {
	std::env::set_var("WASM_BUILD_WORKSPACE_HINT", workspace);
	WasmBuilder::new()
		.with_project(workspace.join(folder).join("Cargo.toml"))
		.expect("the path is that of a Cargo.toml; qed")
		.enable_feature("runtime-benchmarks")
		.export_heap_base()
		.import_memory()
}
