package dev.tokenbroker.devissuer;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * The keys of the issuer {@code ci}: those that it publishes, the newest first, and the one that it
 * signs with. Safe for use by several threads.
 */
final class CiKeys {

  /** A credential is over long before the third rotation after it. */
  private static final int MAX_PUBLISHED = 3;

  private List<DevKey> published = List.of(DevKey.generate());
  private DevKey signing = published.getFirst();
  private boolean rotating;

  /** Publishes a new key beside the others. It signs once somebody has fetched it. */
  synchronized void rotate() {
    published =
        Stream.concat(Stream.of(DevKey.generate()), published.stream())
            .limit(MAX_PUBLISHED)
            .toList();
    rotating = true;
  }

  /** Publishes a new key only, and signs as before. */
  synchronized void drop() {
    published = List.of(DevKey.generate());
    rotating = false;
  }

  /** Publishes a new key under the kid of the signing one only, and signs as before. */
  synchronized void swap() {
    published = List.of(DevKey.generate(signing.kid()));
    rotating = false;
  }

  /** Signs with a published key. */
  synchronized void mend() {
    if (!published.contains(signing)) {
      signing = published.getFirst();
    }
  }

  /** The key to sign with. */
  synchronized DevKey signing() {
    return signing;
  }

  /** The published keys (RFC 7517 section 5), for somebody who fetches them. */
  synchronized String fetched() {
    if (rotating) {
      signing = published.getFirst();
      rotating = false;
    }
    List<JWK> keys = published.stream().<JWK>map(DevKey::published).toList();
    return new JWKSet(keys).toString();
  }
}
