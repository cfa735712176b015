package dev.tokenbroker.peers.store;

import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Outcome;
import dev.tokenbroker.base.refusal.Refusal;
import dev.tokenbroker.judge.credential.SharedUses;
import dev.tokenbroker.judge.credential.UsedCredentials;
import dev.tokenbroker.judge.credential.VerifiedIdentity;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A replica that marks credentials as used; it can be restarted, and its clock can be off. */
final class OnceReplica implements AutoCloseable {

  private final StoreClient client;
  private final InstantSource clock = () -> Instant.now().plus(off());
  private volatile Duration off = Duration.ZERO;
  private volatile ValkeyStore store;
  private volatile StoreNotices notices;
  private volatile SharedUses uses;

  OnceReplica(Vertx vertx, ValkeyServer server, SlowLink link, TestStoreSettings settings) {
    this.client = ChosenStore.client(vertx, server, server.addressAt(link.port()));
    StoreHealth health = new StoreHealth(ChangeListener.NONE);
    this.notices = new StoreNotices(ChangeListener.NONE, settings);
    this.store = store(settings, health);
    this.uses = uses();
  }

  private Duration off() {
    return off;
  }

  private ValkeyStore store(TestStoreSettings settings, StoreHealth health) {
    return new ValkeyStore(
        settings,
        new StoreKeys(settings),
        new BoundedCalls(client, health, settings, settings.timeoutMillis()),
        health,
        notices,
        clock);
  }

  private SharedUses uses() {
    return new SharedUses(new UsedCredentials(1_000_000, clock), store, clock);
  }

  /** Ends the process and starts another one, which knows nothing, with those keys. */
  void restart(TestStoreSettings settings) {
    store.stop();
    notices = new StoreNotices(ChangeListener.NONE, settings);
    store = store(settings, new StoreHealth(ChangeListener.NONE));
    uses = uses();
  }

  void clockOff(Duration by) {
    off = by;
  }

  /** Exchanges the credential: uses it and confirms that. Returns {@code ""} or the reason. */
  String exchange(VerifiedIdentity identity) {
    SharedUses at = uses;
    return switch (at.take(identity)) {
      case Outcome.Accepted(SharedUses.Use use) -> {
        at.confirm(use);
        yield "";
      }
      case Outcome.Refused(Refusal refusal) ->
          refusal.reason() + (refusal.hints().isEmpty() ? "" : ", issued before a loss");
    };
  }

  /** What this replica tells about the store: its losses, and whether it is fit. */
  StoreNotices.Status told() {
    return notices.status();
  }

  @Override
  public void close() {
    store.stop();
  }
}
