package dev.tokenbroker.base.jose;

import java.lang.reflect.Method;
import java.util.List;
import org.graalvm.nativeimage.hosted.Feature;

/**
 * Makes {@code javax.crypto} accept AWS-LC in a native executable. Only the build of the executable
 * runs this class.
 *
 * <p>A native executable accepts a provider that its build has verified. The build cannot verify
 * AWS-LC, whose library is loaded at the start. So this class marks two provider names as verified:
 * AWS-LC, and the provider through which its self-tests request MACs. Without the second name, the
 * self-tests fail and AWS-LC withdraws all its services. Both providers come from the class path of
 * the build, which is trusted.
 *
 * <p>The class calls an internal class of the image builder, which may change with any release.
 * Then the build fails, and not the start.
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
