package dev.tokenbroker.peers.trust;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * A trust store in which an expired authority vouches for nobody. The JDK checks the dates of every
 * certificate of a path but those of its anchor, since RFC 5280 section 6.1 leaves them to the
 * owner of the store. One warning names each authority that has expired, except those of the JDK's
 * own store and of the system's bundle, which nobody here maintains.
 *
 * <p>The JDK judges the path with the authorities that remain, so a chain with an expired extra
 * certificate passes if it validates without it. Where a connection checks the host, {@link
 * AlternativeNames} alone name it. Safe for use by several threads.
 */
class CurrentAnchors extends X509ExtendedTrustManager {

  private static final System.Logger LOG = System.getLogger(CurrentAnchors.class.getName());

  /** The expired authorities that a warning has named; each trust store has a bounded number. */
  private static final Set<X509Certificate> NAMED = ConcurrentHashMap.newKeySet();

  private final X509ExtendedTrustManager all;
  private final InstantSource clock;
  private final boolean warns;
  private volatile AnchorState state;

  /**
   * The authorities that have not expired.
   *
   * @param trust null if none is left
   * @param hasExpired whether the store has others
   * @param until when the next of them expires
   */
  private record AnchorState(
      @Nullable X509ExtendedTrustManager trust, boolean hasExpired, Instant until) {}

  /** One of the six checks, by whichever trust manager. */
  private interface AnchorCheck {
    void by(X509ExtendedTrustManager trust) throws CertificateException;
  }

  /**
   * Trusts by the authorities of a store.
   *
   * @param store null for the JDK's own
   */
  CurrentAnchors(@Nullable KeyStore store, InstantSource clock) throws GeneralSecurityException {
    this(jdk(store), store != null, clock);
  }

  /** Trusts these authorities, and warns of none: another trust manager has them, too. */
  CurrentAnchors(List<X509Certificate> anchors, InstantSource clock) {
    this(only(anchors), false, clock);
  }

  private CurrentAnchors(X509ExtendedTrustManager all, boolean warns, InstantSource clock) {
    this.all = all;
    this.warns = warns;
    this.clock = clock;
    this.state = state(clock.instant());
  }

  /** Trusts these authorities. */
  static CurrentAnchors of(List<X509Certificate> anchors) {
    return new CurrentAnchors(only(anchors), true, InstantSource.system());
  }

  private static X509ExtendedTrustManager jdk(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX", "SunJSSE");
    factory.init(store);
    return (X509ExtendedTrustManager) factory.getTrustManagers()[0];
  }

  private AnchorState current() {
    AnchorState known = state;
    Instant now = clock.instant();
    if (now.isBefore(known.until())) {
      return known;
    }
    AnchorState next = state(now);
    state = next;
    return next;
  }

  private AnchorState state(Instant now) {
    List<X509Certificate> good = new ArrayList<>(List.of(all.getAcceptedIssuers()));
    List<X509Certificate> expired = new ArrayList<>(good);
    good.removeIf(anchor -> !now.isBefore(end(anchor)));
    expired.removeAll(good);
    if (warns && !expired.isEmpty()) {
      warn(expired);
    }
    Instant until =
        good.stream().map(CurrentAnchors::end).min(Comparator.naturalOrder()).orElse(Instant.MAX);
    if (expired.isEmpty()) {
      return new AnchorState(all, false, until);
    }
    return new AnchorState(good.isEmpty() ? null : only(good), true, until);
  }

  /** The JDK's trust manager for these authorities alone, whatever their dates. */
  private static X509ExtendedTrustManager only(List<X509Certificate> anchors) {
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int at = 0; at < anchors.size(); at++) {
        store.setCertificateEntry("" + at, anchors.get(at));
      }
      return jdk(store);
    } catch (IOException | GeneralSecurityException impossible) {
      throw new IllegalStateException("the JDK makes no trust store in memory", impossible);
    }
  }

  private static void warn(List<X509Certificate> expired) {
    Collection<X509Certificate> ofSystem = SystemTrust.bundled();
    String fresh =
        expired.stream()
            .filter(anchor -> !ofSystem.contains(anchor) && NAMED.add(anchor))
            .map(anchor -> anchor.getSubjectX500Principal().getName() + " (" + end(anchor) + ")")
            .collect(Collectors.joining(", "));
    if (!fresh.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "A trust store contains authorities that have expired; the broker trusts no certificate"
              + " by them: {0}",
          fresh);
    }
  }

  private static Instant end(X509Certificate anchor) {
    return anchor.getNotAfter().toInstant();
  }

  /** Says so if only an expired authority vouches for the chain. */
  private void check(AnchorCheck check) throws CertificateException {
    AnchorState now = current();
    try {
      if (now.trust() == null) {
        throw new ExpiredAuthority("each authority of the trust store has expired", null);
      }
      check.by(now.trust());
    } catch (CertificateException untrusted) {
      if (now.trust() != null && now.hasExpired() && passes(check)) {
        throw new ExpiredAuthority("the authority of the certificate has expired", untrusted);
      }
      throw untrusted;
    }
  }

  /** Names the certificate: the JDK does so for none that it does not know. */
  private void checkClient(X509Certificate[] chain, AnchorCheck check) throws CertificateException {
    try {
      check(check);
    } catch (CertificateException why) {
      throw new CertificateException(
          RefusedCertificate.described(chain[0]) + ": " + why.getMessage(), why);
    }
  }

  private boolean passes(AnchorCheck check) {
    try {
      check.by(all);
      return true;
    } catch (CertificateException untrusted) {
      return false;
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    checkClient(chain, trust -> trust.checkClientTrusted(chain, type));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    checkClient(chain, trust -> trust.checkClientTrusted(chain, type, socket));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    checkClient(chain, trust -> trust.checkClientTrusted(chain, type, engine));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    check(trust -> trust.checkServerTrusted(chain, type));
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    check(trust -> trust.checkServerTrusted(chain, type, socket));
    if (socket instanceof SSLSocket tls) {
      String host = tls.getHandshakeSession().getPeerHost();
      AlternativeNames.demand(chain, host, tls.getSSLParameters());
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    check(trust -> trust.checkServerTrusted(chain, type, engine));
    AlternativeNames.demand(chain, engine.getPeerHost(), engine.getSSLParameters());
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    X509ExtendedTrustManager trust = current().trust();
    return trust == null ? new X509Certificate[0] : trust.getAcceptedIssuers();
  }

  /** A certificate for which only an authority vouches that has expired. */
  static final class ExpiredAuthority extends CertificateException {

    ExpiredAuthority(String detail, @Nullable Throwable cause) {
      super(detail, cause);
    }
  }
}
