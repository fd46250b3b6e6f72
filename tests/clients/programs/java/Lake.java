import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.StringJoiner;
import software.amazon.awssdk.core.async.AsyncRequestBody;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.athena.AthenaClient;
import software.amazon.awssdk.services.athena.model.AthenaException;
import software.amazon.awssdk.services.athena.model.QueryExecution;
import software.amazon.awssdk.services.glue.GlueClient;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Puts sales in S3, crawls them and asks for them, with AWS's SDK for Java. */
public class Lake {
    static final String SALES = "item,day,price\nänd,2026-01-02,1.5\nbook,2026-01-03,2\n";
    static final StringJoiner told = new StringJoiner(",", "{", "}");

    public static void main(String[] arguments) throws Exception {
        objects();
        crawl();
        query();
        System.out.println(told);
        System.exit(0);
    }

    static void objects() throws Exception {
        try (S3Client client = S3Client.create();
                S3AsyncClient parts = S3AsyncClient.builder().multipartEnabled(true).build();
                S3Presigner presigner = S3Presigner.create()) {
            client.createBucket(asked -> asked.bucket("shop"));
            String key = "sales/a b+ü.csv";
            client.putObject(asked -> asked.bucket("shop").key(key), RequestBody.fromString(SALES));
            byte[] big = "lake".repeat(6 * 256 * 1024).getBytes();
            parts.putObject(asked -> asked.bucket("shop").key("big"), AsyncRequestBody.fromBytes(big)).join();
            tell("size", client.headObject(asked -> asked.bucket("shop").key("big")).contentLength());
            List<String> keys = new ArrayList<>();
            client.listObjectsV2Paginator(asked -> asked.bucket("shop").maxKeys(1)).contents()
                    .forEach(object -> keys.add(object.key()));
            tell("keys", keys);
            URI presigned = presigner.presignGetObject(asked -> asked.signatureDuration(Duration.ofMinutes(5))
                    .getObjectRequest(of -> of.bucket("shop").key(key))).url().toURI();
            tell("presigned", HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(presigned).build(), HttpResponse.BodyHandlers.ofString()).body());
            try {
                client.getObject(asked -> asked.bucket("shop").key("none"));
            } catch (NoSuchKeyException refused) {
                tell("refused", refused.awsErrorDetails().errorCode());
            }
        }
    }

    static void crawl() throws Exception {
        try (GlueClient client = GlueClient.create()) {
            client.createDatabase(asked -> asked.databaseInput(of -> of.name("shop")));
            client.createCrawler(asked -> asked.name("shop").role("crawler").databaseName("shop")
                    .targets(of -> of.s3Targets(target -> target.path("s3://shop/sales/"))));
            client.startCrawler(asked -> asked.name("shop"));
            do {
                Thread.sleep(50);
            } while (!client.getCrawler(asked -> asked.name("shop")).crawler().stateAsString().equals("READY"));
            tell("crawl", client.getCrawler(asked -> asked.name("shop")).crawler().lastCrawl().statusAsString());
            List<String> columns = new ArrayList<>();
            client.getTable(asked -> asked.databaseName("shop").name("sales")).table().storageDescriptor().columns()
                    .forEach(column -> columns.add(column.name() + " " + column.type()));
            tell("columns", columns);
        }
    }

    static void query() throws Exception {
        try (AthenaClient client = AthenaClient.create(); S3Client bucket = S3Client.create()) {
            String id = client.startQueryExecution(asked -> asked
                    .queryString("SELECT item, day, price * 2 AS twice FROM sales WHERE item <> ? ORDER BY 1")
                    .executionParameters("'none'")
                    .queryExecutionContext(of -> of.database("shop"))
                    .resultConfiguration(of -> of.outputLocation("s3://shop/results/"))).queryExecutionId();
            QueryExecution query;
            do {
                Thread.sleep(50);
                query = client.getQueryExecution(asked -> asked.queryExecutionId(id)).queryExecution();
            } while (Set.of("QUEUED", "RUNNING").contains(query.status().stateAsString()));
            tell("state", query.status().stateAsString());
            tell("scanned", query.statistics().dataScannedInBytes());
            List<List<String>> rows = new ArrayList<>();
            client.getQueryResultsPaginator(asked -> asked.queryExecutionId(id).maxResults(1)).stream()
                    .flatMap(page -> page.resultSet().rows().stream())
                    .forEach(row -> rows.add(row.data().stream().map(cell -> cell.varCharValue()).toList()));
            tell("rows", rows);
            String key = query.resultConfiguration().outputLocation().replace("s3://shop/", "");
            tell("file", bucket.getObjectAsBytes(asked -> asked.bucket("shop").key(key)).asUtf8String());
            try {
                client.getQueryExecution(asked -> asked.queryExecutionId("none"));
            } catch (AthenaException refused) {
                tell("unknown", refused.awsErrorDetails().errorCode());
            }
        }
    }

    static void tell(String name, Object value) {
        told.add(json(name) + ":" + json(value));
    }

    static String json(Object value) {
        if (value instanceof Number) {
            return value.toString();
        }
        if (value instanceof List<?> list) {
            StringJoiner joined = new StringJoiner(",", "[", "]");
            list.forEach(each -> joined.add(json(each)));
            return joined.toString();
        }
        return '"' + value.toString().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
