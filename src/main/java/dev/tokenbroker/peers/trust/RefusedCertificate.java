package dev.tokenbroker.peers.trust;

import dev.tokenbroker.base.outcome.Evidence;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A server's certificate that was refused, with its subject, issuer and dates. It has no stack
 * trace, so that no peer can fill the log with them.
 */
public final class RefusedCertificate extends CertificateException {

  private static final int MAX_NAME_CHARS = 48;
  private static final int MAX_NAMES = 4;

  private final TrustFlaw flaw;

  /** What is wrong, as far as the remedy differs. */
  public enum TrustFlaw {
    /** No trusted authority vouches for it. */
    UNTRUSTED,
    /** It is out of its time, or for another host. */
    INVALID
  }

  private RefusedCertificate(TrustFlaw flaw, String detail, @Nullable Throwable cause) {
    super(Evidence.clean(detail), cause);
    this.flaw = flaw;
  }

  /**
   * Finds out by the chain itself why it was refused.
   *
   * @param host the host that the certificate should be for; null if that was not checked, or if
   *     the chain is not trusted for any host
   */
  static RefusedCertificate of(
      X509Certificate[] chain, CertificateException why, Instant now, @Nullable String host) {
    Throwable cause = why.getCause();
    Optional<X509Certificate> untimely = untimely(chain, why, now);
    if (untimely.isPresent()) {
      X509Certificate certificate = untimely.get();
      String state = now.isAfter(end(certificate)) ? "has expired" : "is not yet valid";
      return new RefusedCertificate(
          TrustFlaw.INVALID,
          "the certificate %s; now it is %s; %s"
              .formatted(state, now.truncatedTo(ChronoUnit.SECONDS), described(certificate)),
          cause);
    }
    if (host != null) {
      return new RefusedCertificate(
          TrustFlaw.INVALID,
          "the certificate is not for %s; its names are %s; %s"
              .formatted(host, names(chain[0]), described(chain[0])),
          cause);
    }
    String peer = chain.length == 0 ? "it shows none" : described(chain[0]);
    return new RefusedCertificate(
        TrustFlaw.UNTRUSTED,
        "the certificate is not trusted: %s%s".formatted(peer, reason(why)),
        cause);
  }

  public TrustFlaw flaw() {
    return flaw;
  }

  /** Whether the library names a date as the reason. */
  public static boolean isOfDates(Throwable why) {
    return why instanceof CertificateExpiredException
        || why instanceof CertificateNotYetValidException
        || (why instanceof CertPathValidatorException path
            && (path.getReason() == BasicReason.EXPIRED
                || path.getReason() == BasicReason.NOT_YET_VALID));
  }

  /**
   * The peer's own certificate if it is out of its time; another one only if that is the reason.
   */
  private static Optional<X509Certificate> untimely(
      X509Certificate[] chain, CertificateException why, Instant now) {
    boolean ofDates = isOfDates(why) || (why.getCause() != null && isOfDates(why.getCause()));
    return Arrays.stream(chain)
        .limit(ofDates ? chain.length : 1)
        .filter(one -> now.isAfter(end(one)) || now.isBefore(one.getNotBefore().toInstant()))
        .findFirst();
  }

  private static Instant end(X509Certificate certificate) {
    return certificate.getNotAfter().toInstant();
  }

  private static String described(X509Certificate certificate) {
    return "subject %s, issuer %s, valid from %s until %s"
        .formatted(
            cut(certificate.getSubjectX500Principal().getName()),
            cut(certificate.getIssuerX500Principal().getName()),
            certificate.getNotBefore().toInstant(),
            end(certificate));
  }

  /** What is wrong with the authority; empty where none vouches, which says it all. */
  private static String reason(CertificateException why) {
    return why.getCause() instanceof CertPathBuilderException ? "" : "; " + why.getMessage();
  }

  /** The alternative names; the first few. */
  private static String names(X509Certificate certificate) {
    try {
      Collection<List<?>> all = certificate.getSubjectAlternativeNames();
      return all == null
          ? "none"
          : all.stream()
              .limit(MAX_NAMES)
              .map(name -> name.get(1) instanceof String text ? cut(text) : "(no text)")
              .collect(Collectors.joining(", "));
    } catch (CertificateParsingException unreadable) {
      return "unreadable";
    }
  }

  static String cut(String name) {
    return name.length() > MAX_NAME_CHARS ? name.substring(0, MAX_NAME_CHARS - 1) + "…" : name;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
