package dev.tokenbroker.process.nativeimage;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.Substitute;
import com.oracle.svm.core.annotate.TargetClass;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.graalvm.word.UnsignedWord;

/**
 * Keeps the memory of new objects over collections in a native executable. Only the build of the
 * executable uses this class.
 *
 * <p>GraalVM 25 keeps as many free chunks as its average share of chunks says. The policy that the
 * executable has, {@code Proportionate}, never takes a sample for this average. So the share stays
 * 0, each collection gives all chunks back to the system, and each call touches new pages.
 */
@TargetClass(
    className = "com.oracle.svm.core.genscavenge.AbstractCollectionPolicy",
    onlyWith = KeptChunks.Needed.class)
@SuppressWarnings("NullAway.Init")
final class KeptChunks {

  /** Before a collection, new objects have at most this. */
  @Alias private UnsignedWord edenSize;

  /** What outlives its first collections is copied into at most this. */
  @Alias private UnsignedWord survivorSize;

  private KeptChunks() {}

  @Alias
  private native void guaranteeSizeParametersInitialized();

  /** All that young objects have, since hardly any of them needs a chunk of its own size. */
  @Substitute
  public UnsignedWord getMaximumFreeAlignedChunksSize() {
    guaranteeSizeParametersInitialized();
    return edenSize.add(survivorSize);
  }

  /** Whether the policy of this GraalVM takes no samples. */
  static final class Needed implements BooleanSupplier {

    private static final String POLICY =
        "com.oracle.svm.core.genscavenge.ProportionateSpacesPolicy";

    @Override
    public boolean getAsBoolean() {
      try {
        Class<?> policy =
            Class.forName(POLICY, false, Thread.currentThread().getContextClassLoader());
        try (InputStream file = policy.getResourceAsStream(policy.getSimpleName() + ".class")) {
          boolean samples = samples(Objects.requireNonNull(file, POLICY).readAllBytes());
          if (samples) {
            System.err.println("KeptChunks is needless with this GraalVM. Remove the class.");
          }
          return !samples;
        }
      } catch (ClassNotFoundException changed) {
        throw new IllegalStateException(POLICY + " is not as in GraalVM 25.0", changed);
      } catch (IOException unreadable) {
        throw new UncheckedIOException(unreadable);
      }
    }

    private static boolean samples(byte[] policy) {
      CodeModel begin =
          ClassFile.of().parse(policy).methods().stream()
              .filter(method -> method.methodName().equalsString("onCollectionBegin"))
              .findFirst()
              .flatMap(method -> method.code())
              .orElseThrow();
      return begin.elementStream().filter(Instruction.class::isInstance).count() > 1;
    }
  }
}
