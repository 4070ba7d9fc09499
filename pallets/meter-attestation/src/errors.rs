//! Why a call fails.

use frame_support::pallet_macros::pallet_section;

/// Why a call fails.
#[pallet_section]
mod errors {
	#[pallet::error]
	pub enum Error<T> {
		/// No such site.
		UnknownSite,
		/// No such meter.
		UnknownMeter,
		/// Only the owner of the site may do this.
		NotOwner,
		/// A site needs nameplate power.
		ZeroNameplate,
		/// All ids are used up.
		IdsExhausted,
		/// A meter needs at least one register.
		NoRegisters,
		/// A tariff band is not from 1 to 63, or an OCMF meter is to count a service.
		BadRegister,
		/// A register is declared twice.
		DuplicateRegister,
		/// The site has as many meters as it may have.
		TooManyMeters,
		/// The device key was registered before; it cannot be registered again.
		KeyTaken,
		/// The signature does not prove possession of the device key.
		BadProof,
		/// The device key is no valid public key, or of a kind that signs no OCMF records.
		BadKey,
		/// The registrar has not approved this key for this site.
		NotApproved,
		/// A meter without a device key has no key to change.
		NoDevice,
		/// The policy is out of bounds: window, voting period, power, times of zero, or the check meter's tolerance.
		BadPolicy,
		/// A meter cannot check itself, a meter without a device, or one that is checked itself.
		BadCheck,
		/// Agreements bill by the check meter: with the meter it checks, its energy would be billed twice.
		CheckIsBilled,
		/// A committee of at most 16 different bonded attestors needs a quorum of more than half.
		BadCommittee,
		/// Readings still wait under the committee before.
		CommitteePending,
		/// A meter that a committee reads cannot be without one.
		CommitteeNeeded,
		/// The meter is not suspended, and a device is replaced only while it is.
		StillActive,
		/// A register has no final count to go on from, or the number of registers differs.
		WrongRegisters,
		/// The amount is zero.
		ZeroAmount,
		/// The bond is below the least, or would be.
		BelowMinBond,
		/// The account is no attestor.
		NotAttestor,
		/// The attestor is leaving.
		AttestorLeaving,
		/// The attestor is not leaving.
		NotLeaving,
		/// The attestor has something at stake.
		AttestorEngaged,
		/// The bond is not free yet.
		BondNotFree,
		/// What is not at stake of the bond does not suffice.
		StakeTooHigh,
		/// The account has earned nothing that it has not claimed.
		NothingToClaim,
		/// No such reading is pending: it is final, dropped, or was never accepted.
		NotPending,
		/// The challenge window of the reading is over.
		WindowOver,
		/// The reading is disputed already.
		AlreadyDisputed,
		/// There is no dispute and no vote about this reading.
		NoDispute,
		/// Nothing is to be decided about this reading.
		NothingToDecide,
		/// The account is no member of the committee that decides.
		NotMember,
		/// The member has voted.
		AlreadyVoted,
		/// Whoever disputes does not decide.
		OwnDispute,
		/// The dispute can still be decided.
		DisputeOpen,
		/// The reading is refused; see [`Refusal`](baseload_primitives::Refusal).
		Refused,
		/// The two pieces are no proof: another device's key, bad signatures, different sequences, the same reading, or a
		/// sequence too far ahead.
		NoEquivocation,
		/// A fraud at or above this sequence was punished.
		AlreadyPunished,
		/// The attestor did not sign that, or the device's signature is good.
		NoFalseVouch,
		/// The meter stands at another site.
		MeterElsewhere,
		/// The meter at a connection point counts both ways: it needs an export and an import register.
		MissingEnergyRegister,
		/// Another site is certified at this connection point.
		PointTaken,
		/// The site is certified with this revenue meter already.
		AlreadyCertified,
		/// The certificate's date is later than now.
		CertificateInFuture,
		/// The certificate's date is earlier than the site's commissioning.
		CertificateBeforeCommissioning,
		/// The site is not certified.
		NotCertified,
		/// The meter is suspended already.
		AlreadySuspended,
		/// The meter is not suspended.
		NotSuspended,
		/// The meter has not been suspended for long enough: a fraud may still come to light and cost the deposit.
		DepositNotFree,
		/// The site is certified with this meter.
		IsRevenueMeter,
		/// Another meter checks this one. The registrar can end that.
		IsChecked,
		/// The meter checks another one. The registrar can end that.
		ChecksAnother,
		/// Agreements bill by the meter.
		StillBilled,
		/// A dispute or votes about a reading of the meter have not been closed.
		DisputeUnclosed,
		/// Meters stand at the site.
		SiteHasMeters,
		/// The site is pledged to a vault.
		StillPledged,
		/// The challenge window is out of bounds.
		WindowOutOfBounds,
		/// The meter does not declare this register.
		UndeclaredRegister,
		/// This threshold is watched for already, or was reached.
		AlreadyWatched,
		/// The meter has had as many thresholds as it may have.
		TooManyThresholds,
		/// The site is pledged already.
		AlreadyPledged,
		/// The site is not pledged to this vault.
		NotPledged,
	}
}
