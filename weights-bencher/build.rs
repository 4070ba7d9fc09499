//! Builds the runtime to wasm with its benchmarks, without building it natively.

fn main() {
	substrate_wasm_builder::WasmBuilder::new()
		.with_project("../runtime/Cargo.toml")
		.expect("the runtime stands beside this crate; qed")
		.enable_feature("runtime-benchmarks")
		.export_heap_base()
		.import_memory()
		.build();
}
