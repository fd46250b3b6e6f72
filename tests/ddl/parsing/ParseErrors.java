import java.nio.charset.StandardCharsets;
import org.apache.hadoop.hive.ql.parse.ParseDriver;
import org.apache.hadoop.hive.ql.parse.ParseException;

/** Statements from the standard input, what Hive's parser says of each to the output; NUL parts. */
class ParseErrors {
    public static void main(String[] arguments) throws Exception {
        String given = new String(System.in.readAllBytes(), StandardCharsets.UTF_8);
        StringBuilder said = new StringBuilder();
        for (String statement : given.split("\0")) {
            said.append(message(statement)).append('\0');
        }
        System.out.write(said.toString().getBytes(StandardCharsets.UTF_8));
        System.out.flush();
    }

    private static String message(String statement) {
        try {
            new ParseDriver().parse(statement);
            return "";
        } catch (ParseException failure) {
            return failure.getMessage();
        } catch (RuntimeException failure) {
            return failure.toString();
        }
    }
}
