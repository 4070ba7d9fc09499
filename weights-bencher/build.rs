//! Builds the runtime to wasm with its benchmarks, without building it natively.

use std::path::Path;

fn main() {
	let runtime = Path::new(env!("CARGO_MANIFEST_DIR"))
		.join("../runtime/Cargo.toml")
		.canonicalize()
		.expect("the runtime stands beside this crate; qed");
	substrate_wasm_builder::WasmBuilder::new()
		.with_project(runtime)
		.expect("the path is that of a Cargo.toml; qed")
		.enable_feature("runtime-benchmarks")
		.export_heap_base()
		.import_memory()
		.build();
}
