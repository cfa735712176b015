package dev.tokenbroker.command.doctor;

import dev.tokenbroker.peers.http.CallFailed;
import dev.tokenbroker.peers.http.CallFailed.FetchFailure;
import dev.tokenbroker.peers.http.ProbeClient.Handshake;
import dev.tokenbroker.peers.trust.RefusedCertificate;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reports the end of a TLS handshake with its cause and its remedy. */
final class TlsFindings {

  private static final Duration SOON = Duration.ofDays(30);

  private final CheckList checks;
  private final PeerSide side;
  private final String host;
  private final InetSocketAddress address;
  private final @Nullable String tls;
  private final Instant now;

  TlsFindings(
      CheckList checks,
      PeerSide side,
      String host,
      InetSocketAddress address,
      @Nullable String tls,
      Instant now) {
    this.checks = checks;
    this.side = side;
    this.host = host;
    this.address = address;
    this.tls = tls;
    this.now = now;
  }

  private void noConfiguration() {
    checks.found(
        Defect.TLS_CONFIGURATION_MISSING,
        "there is no TLS configuration " + tls + ", or it trusts every certificate",
        "Set quarkus.tls."
            + tls
            + ".trust-store.pem.certs, without trust-all, in the settings that the broker uses.");
  }

  /** Reports it; returns whether the peer is trusted. */
  boolean report(Handshake end) {
    switch (end) {
      case Handshake.Trusted trusted -> {
        trusted(trusted);
        return true;
      }
      case Handshake.Distrusted(RefusedCertificate why) -> distrusted(why);
      case Handshake.CertificateDemanded(boolean shown) -> demanded(shown);
      case Handshake.Unfinished(CallFailed why, List<String> protocols) ->
          unfinished(why, protocols);
    }
    return false;
  }

  private void unfinished(CallFailed why, List<String> protocols) {
    FetchFailure kind = why.kind();
    if (kind == FetchFailure.TLS_NOT_CONFIGURED) {
      noConfiguration();
    } else if (kind == FetchFailure.TLS_CERTIFICATE_INVALID || kind == FetchFailure.TLS_UNTRUSTED) {
      checks.found(
          side.of(kind),
          why.detail(),
          "Have the server show a certificate that is valid now, not revoked, and names that host.");
    } else if (kind == FetchFailure.TIMED_OUT) {
      broken("the TLS handshake is not over after 5 s");
    } else {
      new FirstRecord(protocols, host, address).report(this);
    }
  }

  void plainHttp() {
    checks.found(
        Defect.TLS_PLAIN_HTTP,
        "the port speaks HTTP without TLS",
        "Give the port of the "
            + side.noun()
            + " that serves https, or have the server speak TLS at this one.");
  }

  void oldProtocol(String seen) {
    checks.found(
        Defect.TLS_PROTOCOL_TOO_OLD,
        seen + "; the broker speaks TLS 1.2 and 1.3 unless its TLS configuration says less",
        "Enable TLS 1.2 or 1.3 at the server.");
  }

  void broken(String why) {
    checks.found(
        side.tlsFailed(),
        why,
        "Look into the TLS log of the server, or of the proxy in front of it: it ends the"
            + " handshake.");
  }

  private void trusted(Handshake.Trusted trusted) {
    X509Certificate root = root(trusted);
    List<X509Certificate> all = new ArrayList<>(trusted.chain());
    if (root != null) {
      all.add(root);
    }
    X509Certificate first = firstToEnd(all);
    Instant end = first.getNotAfter().toInstant();
    Duration left = Duration.between(now, end);
    String seen =
        "%s, root %s, %s ends first, in %d days"
            .formatted(
                trusted.protocol(),
                root == null ? "not shown by the trust store" : subject(root),
                subject(first),
                left.toDays());
    if (left.compareTo(SOON) < 0) {
      checks.found(
          Defect.TLS_CERTIFICATE_ENDS_SOON,
          seen + " (" + end + ")",
          "Have the certificate of " + subject(first) + " renewed before " + end + ".");
    } else {
      checks.passed(DoctorCheck.HOST_TLS, seen);
    }
  }

  /** The authority that vouches for the chain; null where the trust store does not show it. */
  private static @Nullable X509Certificate root(Handshake.Trusted trusted) {
    for (X509Certificate certificate : trusted.chain()) {
      for (X509Certificate anchor : trusted.authorities()) {
        if (anchor.equals(certificate)
            || (anchor.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())
                && hasSigned(anchor.getPublicKey(), certificate))) {
          return anchor;
        }
      }
    }
    return null;
  }

  private static boolean hasSigned(PublicKey key, X509Certificate certificate) {
    try {
      certificate.verify(key);
      return true;
    } catch (GeneralSecurityException another) {
      return false;
    }
  }

  private void distrusted(RefusedCertificate why) {
    List<X509Certificate> chain = why.chain();
    for (X509Certificate certificate : chain) {
      if (isOutOfTime(certificate)) {
        return;
      }
    }
    switch (why.flaw()) {
      case OTHER_HOST ->
          checks.found(
              Defect.TLS_HOST_NAME_MISMATCH,
              String.valueOf(why.getMessage()),
              "Use one of these names in the document, or have a certificate made for %s."
                  .formatted(host));
      case OTHER_USE ->
          checks.found(
              side.certificateInvalid(),
              String.valueOf(why.getMessage()),
              "Have a certificate with the extended key usage serverAuth made for the server.");
      case AUTHORITY_EXPIRED ->
          checks.found(
              side.untrusted(),
              why.objection(),
              "Replace the expired authority in the trust store by the one that succeeds it.");
      case ALGORITHM_WEAK ->
          checks.found(
              side.untrusted(),
              why.objection(),
              "Have the chain made anew with keys and signatures of today's strength.");
      case UNTRUSTED, UNTIMELY -> untrusted(chain, why.objection());
    }
  }

  private boolean isOutOfTime(X509Certificate certificate) {
    Instant begin = certificate.getNotBefore().toInstant();
    Instant end = certificate.getNotAfter().toInstant();
    if (now.isAfter(end)) {
      checks.found(
          Defect.TLS_CERTIFICATE_EXPIRED,
          "the certificate of " + subject(certificate) + " ended at " + end,
          "Have that certificate renewed by the operators of the " + side.noun() + ".");
      return true;
    }
    if (now.isBefore(begin)) {
      checks.found(
          Defect.TLS_CERTIFICATE_NOT_YET_VALID,
          "the certificate of %s begins at %s, our clock shows %s"
              .formatted(subject(certificate), begin, now),
          "Compare our clock with a time server; if ours is right, have the certificate made"
              + " anew.");
      return true;
    }
    return false;
  }

  private void untrusted(List<X509Certificate> chain, String why) {
    X509Certificate last = chain.getLast();
    String authority = last.getIssuerX500Principal().getName();
    boolean ends = last.getSubjectX500Principal().equals(last.getIssuerX500Principal());
    String seen = "the chain of %d ends at %s: %s".formatted(chain.size(), authority, why);
    String add =
        tls == null
            ? "Name a TLS configuration (tls: NAME), and add " + authority + " to its trust store"
            : "Add " + authority + " to the trust store of quarkus.tls." + tls;
    checks.found(
        side.untrusted(),
        seen,
        add
            + (ends
                ? ", if you trust it."
                : ", if it is a root that you trust; otherwise have the server send it, too."));
  }

  private void demanded(boolean shown) {
    checks.found(
        side.clientCertificateWanted(),
        shown
            ? "the server ends the connection after the client certificate of quarkus.tls." + tls
            : "the server demands a client certificate, and the broker has none for it",
        shown
            ? "Have the server accept that certificate, or put another into the key store."
            : giveCertificate(tls));
  }

  /** What to do where the server demands a certificate and there is none. */
  static String giveCertificate(@Nullable String tls) {
    return "Set quarkus.tls.%s.key-store.pem to a certificate that the server accepts, and name the configuration by tls."
        .formatted(tls == null ? "NAME" : tls);
  }

  private static X509Certificate firstToEnd(List<X509Certificate> certificates) {
    return Collections.min(
        certificates, Comparator.comparing(one -> one.getNotAfter().toInstant()));
  }

  private static String subject(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }
}
