/**
 * Tests of {@code peers.store}.
 *
 * <p>Stand-ins and set-up: {@link BoundedCalls}, {@link ChosenStore}, {@link DifferingReplicas},
 * {@link Footprint}, {@link HostileWriter}, {@link OnceReplica}, {@link ReplicaChannels}, {@link
 * ReplicaRevoker}, {@link ReplicaVerifiers}, {@link ReplicasOfOneServer}, {@link SeparateNetwork},
 * {@link SharingBrokers}, {@link SlowLink}, {@link StoreDump}, {@link StoreReplicas}, {@link
 * StoreSession}, {@link TestStore}, {@link TestStoreSettings}, {@link ValkeyServer}.
 */
@NullMarked
package dev.tokenbroker.peers.store;

import org.jspecify.annotations.NullMarked;
