//! What the calls cost. The runtime holds the generated weights.

use frame_support::weights::Weight;

/// A component's type, whatever its name.
macro_rules! ignore {
	($of:ident) => {
		u32
	};
}

macro_rules! weights {
	($($(#[$doc:meta])* $name:ident($($of:ident),*);)*) => {
		/// Weight of each call, and of what blocks do by themselves.
		pub trait WeightInfo {
			$($(#[$doc])* fn $name($($of: u32),*) -> Weight;)*
		}

		/// Everything is free: for mocks.
		impl WeightInfo for () {
			$(fn $name($(_: ignore!($of)),*) -> Weight { Weight::zero() })*
		}
	};
}

weights! {
	/// `open`.
	open();
	/// `deposit` into an indebted vault.
	deposit();
	/// `pledge_site`, the last one that a vault takes.
	pledge_site();
	/// `release_site` from an indebted vault with `s` sites.
	release_site(s);
	/// `draw` against an indebted vault with `s` sites.
	draw(s);
	/// `repay` a part.
	repay();
	/// `withdraw` from an indebted vault.
	withdraw();
	/// `close` a vault with `s` sites.
	close(s);
	/// `add_type`.
	add_type();
	/// `set_params`.
	set_params();
	/// `redeem`, with a limit for every type.
	redeem();
	/// `cancel_redemption`.
	cancel_redemption();
	/// `work_queue` in `n` steps, each of which empties a vault, after a look at as many types as there may be. A step may also be
	/// another look at a type, whose weight comes on top.
	work_queue(n);
	/// `liquidate` `n` vaults, each partly against the pool and partly redistributed.
	liquidate(n);
	/// `pool_deposit` beside deposits that begin to count.
	pool_deposit();
	/// `pool_notice`, likewise.
	pool_notice();
	/// `pool_withdraw`, likewise.
	pool_withdraw();
	/// `pool_claim`, likewise.
	pool_claim();
	/// `claim_payout`.
	claim_payout();
	/// `sweep_revenue`.
	sweep_revenue();
	/// `tighten`, with as many types as there may be.
	tighten();
	/// `loosen`, likewise.
	loosen();
	/// `check_cover` of a vault with `s` sites.
	check_cover(s);
	/// A look at the energy cover of the vault whose turn it is, when a block has weight left.
	watch_cover();
	/// `impair`.
	impair();
	/// `restore`.
	restore();
	/// `shut_down`, with as many types as there may be.
	shut_down();
	/// `sweep_vaults`, `n` of them.
	sweep_vaults(n);
	/// `cash_out`, from as many types as there may be.
	cash_out();
	/// Seven days' interest on `t` types, when a block begins.
	charge_hours(t);
	/// What there is to do, when a block has weight left.
	look();
	/// A type's new price, which begins a round.
	observe();
}
