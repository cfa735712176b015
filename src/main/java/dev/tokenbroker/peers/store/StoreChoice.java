package dev.tokenbroker.peers.store;

import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Supplies the store that the settings choose. The other one is not made. */
final class StoreChoice {

  @Produces
  @Singleton
  SharedStore store(StoreSettings settings, Instance<ValkeyStore> valkey) {
    return settings.shared() ? valkey.get() : new OneReplica();
  }
}
