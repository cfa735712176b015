package dev.tokenbroker.base.change;

import java.util.Locale;

/** The kinds of changes that can make exchanges fail, or mend them. */
public enum ChangeKind {
  /** An issuer publishes a key under a new kid. */
  KEY_ADDED,
  /** An issuer publishes a kid no longer. */
  KEY_REMOVED,
  /** An issuer publishes another key under the same kid. */
  KEY_REPLACED,
  /** The discovery document names another key set. */
  KEY_LOCATION_MOVED,
  /** Another member of the discovery document has changed. */
  DISCOVERY_CHANGED,
  /** A peer presents another certificate. */
  CERTIFICATE_CHANGED,
  /** The certificate of a peer expires soon. */
  CERTIFICATE_EXPIRING,
  /** The files of a TLS configuration are unusable, so what was read before stays in force. */
  CERTIFICATE_REJECTED,
  /** The claims of an issuer have another shape. */
  CLAIM_SHAPE_CHANGED,
  /** The clock of an issuer, or that of the broker, was set. */
  CLOCK_STEPPED,
  /** The authorities of a TLS configuration have changed. */
  CA_BUNDLE_RELOADED,
  /** A TLS configuration trusts an authority that it did not trust before. */
  NEW_ROOT_SEEN,
  /** Another revision of the federation came into force. */
  FEDERATION_LOADED,
  /** A federation document has problems, so the last good one stays in force. */
  FEDERATION_REJECTED,
  /** Another revision of the candidate was loaded. */
  CANDIDATE_LOADED,
  /** The candidate has problems, so that there is none. */
  CANDIDATE_REJECTED,
  /** The file with a secret for an upstream has another content. */
  SECRET_RELOADED,
  /** The file with a secret for an upstream is unusable. */
  SECRET_REJECTED,
  /** GitHub refuses a token that it has given before: for that installation and permissions. */
  PERMISSIONS_CHANGED,
  /** The files with the broker's signing keys have another content. */
  KEY_FILES_RELOADED,
  /** The files with the broker's signing keys are unusable. */
  KEY_FILES_REJECTED,
  /** Another key of the broker signs. */
  SIGNING_KEY_ROTATED,
  /** The broker calls an upstream no longer, since it failed too often. */
  CIRCUIT_OPENED,
  /** The broker calls an upstream again. */
  CIRCUIT_CLOSED,
  /** The discovery document of an upstream names another token endpoint. */
  ENDPOINT_MOVED,
  /** AWS refuses a session of a role that it has given before. */
  ROLE_TRUST_CHANGED,
  /** The store of the replicas has a value that no replica wrote. */
  STORE_VALUE_FOREIGN,
  /** The store of the replicas has lost claims or entries. */
  STORE_LOST,
  /** A replica with the same store is silent, and has not said that it stops. */
  REPLICA_GONE,
  /** The broker has started. */
  BROKER_STARTED,
  /** The broker was asked to stop. */
  BROKER_STOPPING;

  /** The name for people, records and labels: {@code key-added}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Whether an operator should look at the change. */
  public boolean isWarning() {
    return switch (this) {
      case KEY_REPLACED,
          KEY_LOCATION_MOVED,
          CERTIFICATE_EXPIRING,
          CERTIFICATE_REJECTED,
          CLAIM_SHAPE_CHANGED,
          CLOCK_STEPPED,
          FEDERATION_REJECTED,
          CANDIDATE_REJECTED,
          PERMISSIONS_CHANGED,
          SECRET_REJECTED,
          KEY_FILES_REJECTED,
          CIRCUIT_OPENED,
          ENDPOINT_MOVED,
          ROLE_TRUST_CHANGED,
          STORE_VALUE_FOREIGN,
          STORE_LOST,
          REPLICA_GONE ->
          true;
      case KEY_ADDED,
          KEY_REMOVED,
          DISCOVERY_CHANGED,
          CERTIFICATE_CHANGED,
          CA_BUNDLE_RELOADED,
          NEW_ROOT_SEEN,
          FEDERATION_LOADED,
          CANDIDATE_LOADED,
          SECRET_RELOADED,
          KEY_FILES_RELOADED,
          SIGNING_KEY_ROTATED,
          CIRCUIT_CLOSED,
          BROKER_STARTED,
          BROKER_STOPPING ->
          false;
    };
  }
}
