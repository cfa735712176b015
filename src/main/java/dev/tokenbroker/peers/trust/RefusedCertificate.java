package dev.tokenbroker.peers.trust;

import dev.tokenbroker.base.refusal.Evidence;
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
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A server's certificate that was refused, with its subject, issuer and dates. It has no stack
 * trace, so that no peer can fill the log with them.
 */
public final class RefusedCertificate extends CertificateException {

  private static final int MAX_NAME_CHARS = 48;
  private static final String SERVER_AUTHENTICATION = "1.3.6.1.5.5.7.3.1";
  private static final String ANY_USE = "2.5.29.37.0";

  private final TrustFlaw flaw;
  private final transient List<X509Certificate> chain;
  private final String objection;

  /** What is wrong, as far as the remedy differs. */
  public enum TrustFlaw {
    /** No trusted authority vouches for it. */
    UNTRUSTED,
    /** Only an authority that has expired vouches for it. */
    AUTHORITY_EXPIRED,
    /** A key or signature algorithm of the chain is too weak for this JDK. */
    ALGORITHM_WEAK,
    /** A certificate of the chain is out of its time. */
    UNTIMELY,
    /** It is trusted, but not for servers. */
    OTHER_USE,
    /** It is trusted, but for another host. */
    OTHER_HOST
  }

  private RefusedCertificate(
      TrustFlaw flaw, X509Certificate[] chain, CertificateException why, String detail) {
    super(Evidence.clean(detail), why.getCause());
    this.flaw = flaw;
    this.chain = List.of(chain);
    this.objection = String.valueOf(why.getMessage());
  }

  /**
   * Finds out by the chain itself why it was refused.
   *
   * @param host the host that the certificate should be for; null if that was not checked, or if
   *     the chain is not trusted for any host
   */
  static RefusedCertificate of(
      X509Certificate[] chain, CertificateException why, Instant now, @Nullable String host) {
    Optional<X509Certificate> untimely = untimely(chain, why, now);
    TrustFlaw flaw = untimely.isPresent() ? TrustFlaw.UNTIMELY : flaw(chain, why, host);
    String shown = chain.length == 0 ? "it shows none" : described(untimely.orElse(chain[0]));
    String detail =
        switch (flaw) {
          case UNTIMELY ->
              "the certificate %s; now it is %s; %s"
                  .formatted(
                      untimely.filter(one -> now.isAfter(end(one))).isPresent()
                          ? "has expired"
                          : "is not yet valid",
                      now.truncatedTo(ChronoUnit.SECONDS),
                      shown);
          case OTHER_USE ->
              "the certificate is for clients or other uses, not for servers: its extended key"
                  + " usage lacks serverAuth; "
                  + shown;
          case OTHER_HOST ->
              "the certificate is not for %s; its names are %s; %s"
                  .formatted(host, AlternativeNames.nearest(chain[0], String.valueOf(host)), shown);
          case UNTRUSTED, AUTHORITY_EXPIRED, ALGORITHM_WEAK ->
              "the certificate is not trusted: " + shown + reason(why);
        };
    return new RefusedCertificate(flaw, chain, why, detail);
  }

  private static TrustFlaw flaw(
      X509Certificate[] chain, CertificateException why, @Nullable String host) {
    if (why instanceof CurrentAnchors.ExpiredAuthority) {
      return TrustFlaw.AUTHORITY_EXPIRED;
    }
    if (why.getCause() == null && isForOtherUse(chain)) {
      return TrustFlaw.OTHER_USE;
    }
    if (why.getCause() instanceof CertPathValidatorException path
        && path.getReason() == BasicReason.ALGORITHM_CONSTRAINED) {
      return TrustFlaw.ALGORITHM_WEAK;
    }
    return host == null ? TrustFlaw.UNTRUSTED : TrustFlaw.OTHER_HOST;
  }

  public TrustFlaw flaw() {
    return flaw;
  }

  /** Whether no trusted authority vouches for the chain, whatever its time and use. */
  public boolean isUntrusted() {
    return switch (flaw) {
      case UNTRUSTED, AUTHORITY_EXPIRED, ALGORITHM_WEAK -> true;
      case UNTIMELY, OTHER_USE, OTHER_HOST -> false;
    };
  }

  /** The chain that the server presented, its own certificate first. */
  public List<X509Certificate> chain() {
    return chain;
  }

  /** The message of the trust manager. */
  public String objection() {
    return objection;
  }

  /** Whether the library names a date as the reason. */
  private static boolean isOfDates(Throwable why) {
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

  /** The names and the dates of a certificate. */
  static String described(X509Certificate certificate) {
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

  /** Whether the certificate names its uses, and servers are none of them. */
  private static boolean isForOtherUse(X509Certificate[] chain) {
    try {
      List<String> uses = chain.length == 0 ? null : chain[0].getExtendedKeyUsage();
      return uses != null && !uses.contains(SERVER_AUTHENTICATION) && !uses.contains(ANY_USE);
    } catch (CertificateParsingException unreadable) {
      return false;
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
