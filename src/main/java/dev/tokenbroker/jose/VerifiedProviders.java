package dev.tokenbroker.jose;

import java.lang.reflect.Method;
import java.util.List;
import org.graalvm.nativeimage.hosted.Feature;

/**
 * Has {@code javax.crypto} in a native executable accept AWS-LC. Part of the build of the
 * executable only; nothing calls it.
 *
 * <p>There, a provider is accepted if it was verified while the executable was built. AWS-LC cannot
 * be: its library is loaded at the start. So its name is vouched for instead, and that of the
 * provider by which its self-tests ask for MACs; without the second they fail, and it withdraws all
 * its services. The names come from the class path of the build, which is what is verified.
 *
 * <p>What it calls is an internal class of the builder and may change with any release: then the
 * build ends here, and not the start.
 */
final class VerifiedProviders implements Feature {

  private static final String SUPPORT = "com.oracle.svm.core.jdk.SecurityProvidersSupport";
  private static final List<String> NAMES =
      List.of("AmazonCorrettoCryptoProvider", "test provider");

  @Override
  public void duringSetup(DuringSetupAccess access) {
    try {
      Class<?> type = Class.forName(SUPPORT);
      Object support = type.getMethod("singleton").invoke(null);
      Method add = type.getMethod("addVerifiedSecurityProvider", String.class, Object.class);
      for (String name : NAMES) {
        add.invoke(support, name, true);
      }
    } catch (ReflectiveOperationException changed) {
      throw new IllegalStateException(SUPPORT + " is not as in GraalVM 25.0", changed);
    }
  }
}
