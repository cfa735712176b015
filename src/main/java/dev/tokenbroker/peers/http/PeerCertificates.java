package dev.tokenbroker.peers.http;

import dev.tokenbroker.base.change.Change;
import dev.tokenbroker.base.change.Change.SubjectKind;
import dev.tokenbroker.base.change.ChangeKind;
import dev.tokenbroker.base.change.ChangeListener;
import dev.tokenbroker.base.refusal.Clue;
import dev.tokenbroker.base.refusal.RefusalReason;
import dev.tokenbroker.peers.trust.PresentedCertificate;
import jakarta.inject.Singleton;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Compares the certificate of each peer with the last one, and reports another certificate and one
 * that expires soon.
 *
 * <p>There is one record for each peer and server of it, {@value #MAX_RECORDS} at most: a peer may
 * have its keys elsewhere than its discovery document. The record that was unused for the longest
 * time goes first. Safe for use by several threads.
 */
@Singleton
public final class PeerCertificates {

  static final int MAX_RECORDS = 4096;

  /** An expired certificate is refused, one that expires soon is not. */
  private static final Clue INVALID =
      Clue.of(
          RefusalReason.ISSUER_CERTIFICATE_INVALID.name(),
          RefusalReason.UPSTREAM_CERTIFICATE_INVALID.name());

  private final ChangeListener changes;
  private final InstantSource clock;
  private final Map<PeerServer, CertificateHistory> histories =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<PeerServer, CertificateHistory> eldest) {
          return size() > MAX_RECORDS;
        }
      };

  private record PeerServer(Peer peer, String host, int port) {}

  public PeerCertificates(ChangeListener changes, InstantSource clock) {
    this.changes = changes;
    this.clock = clock;
  }

  /** Compares the certificate that the server of a peer has presented last. */
  public void compare(Peer peer, URI uri, PresentedCertificate presented) {
    PeerServer server = new PeerServer(peer, PinnedCalls.bareHost(uri), PinnedCalls.port(uri));
    CertificateHistory.CertificateNews news;
    synchronized (histories) {
      news =
          histories
              .computeIfAbsent(server, _ -> new CertificateHistory())
              .next(presented, clock.instant());
    }
    String was = news.was();
    if (was != null) {
      report(ChangeKind.CERTIFICATE_CHANGED, peer, was, presented.text(), Clue.none());
    }
    String expiry = news.expiry();
    if (expiry != null) {
      boolean expired = presented.notAfter().isBefore(clock.instant());
      report(
          ChangeKind.CERTIFICATE_EXPIRING,
          peer,
          "",
          expiry + ": " + presented.text(),
          expired ? INVALID : Clue.none());
    }
  }

  /** When the certificates expire that the peers of a kind have presented last. */
  public Map<Peer, Instant> expiries(SubjectKind kind) {
    Map<Peer, Instant> expiries = new HashMap<>();
    synchronized (histories) {
      // In the order of use: of several servers of a peer, the last one counts.
      histories.forEach(
          (server, history) -> {
            Instant expiry = history.expiry();
            if (server.peer().kind() == kind && expiry != null) {
              expiries.put(server.peer(), expiry);
            }
          });
    }
    return expiries;
  }

  private void report(ChangeKind kind, Peer peer, String was, String is, Clue clue) {
    changes.changed(
        new Change(kind, peer.kind(), peer.name(), was, is).of(peer.place()).with(clue));
  }
}
