package dev.tokenbroker.evaluate.exchange;

import dev.tokenbroker.base.refusal.Deadline;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Step;
import dev.tokenbroker.base.refusal.Trail;
import dev.tokenbroker.judge.credential.CredentialVerifier;
import dev.tokenbroker.judge.credential.PresentedCredential;
import dev.tokenbroker.judge.credential.RelayedVerifier;
import dev.tokenbroker.judge.credential.TestVerifiers;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import dev.tokenbroker.judge.issuer.TrustedIssuers;
import dev.tokenbroker.process.runtime.Latch;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The real verifier behind a gate, which is open unless it was shut. Remembers who came. */
final class GatedVerifier implements RelayedVerifier {

  private final CredentialVerifier real;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final Latch come = new Latch(1);
  private volatile Latch gate = new Latch(0);
  private volatile @Nullable Step heldAt;

  GatedVerifier(InstantSource clock) {
    this.real = TestVerifiers.of(clock);
  }

  @Override
  public CredentialVerifier real() {
    return real;
  }

  @Override
  public Outcome<VerifiedIdentity> verify(
      PresentedCredential credential, TrustedIssuers issuers, Deadline deadline, Trail trail) {
    threads.add(Thread.currentThread());
    Step step = heldAt;
    if (step != null) {
      trail.begin(step);
    }
    come.countDown();
    gate.await();
    return real.verify(credential, issuers, deadline, trail);
  }

  void shut() {
    gate = new Latch(1);
  }

  /** Verifications that wait at the gate are at that step from now on. */
  void holdAt(Step step) {
    heldAt = step;
  }

  /** Waits until somebody has come. */
  void awaitOne() {
    come.await();
  }

  /** Lets everybody through, once somebody has come. */
  void open() {
    awaitOne();
    gate.countDown();
  }

  /** The threads of all verifications so far, in order. */
  List<Thread> threads() {
    return threads;
  }
}
