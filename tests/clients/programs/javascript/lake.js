// Puts sales in S3, crawls them and asks for them, with AWS's SDK for JavaScript.
import * as athena from "@aws-sdk/client-athena";
import * as glue from "@aws-sdk/client-glue";
import * as s3 from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

const sales = "item,day,price\nänd,2026-01-02,1.5\nbook,2026-01-03,2\n";
const big = Buffer.alloc(6 * 1024 * 1024, "lake");
const pause = () => new Promise((done) => setTimeout(done, 50));
const s3Client = new s3.S3Client({});
const glueClient = new glue.GlueClient({});
const athenaClient = new athena.AthenaClient({});
const told = {};

await s3Client.send(new s3.CreateBucketCommand({ Bucket: "shop" }));
await s3Client.send(new s3.PutObjectCommand({ Bucket: "shop", Key: "sales/a b+ü.csv", Body: sales }));
await new Upload({ client: s3Client, params: { Bucket: "shop", Key: "big", Body: big } }).done();
const head = await s3Client.send(new s3.HeadObjectCommand({ Bucket: "shop", Key: "big" }));
told.size = head.ContentLength;
told.keys = [];
for await (const page of s3.paginateListObjectsV2({ client: s3Client, pageSize: 1 }, { Bucket: "shop" })) {
  told.keys.push(...(page.Contents ?? []).map((object) => object.Key));
}
const address = await getSignedUrl(s3Client, new s3.GetObjectCommand({ Bucket: "shop", Key: told.keys[1] }));
told.presigned = await (await fetch(address)).text();
try {
  await s3Client.send(new s3.GetObjectCommand({ Bucket: "shop", Key: "none" }));
} catch (refused) {
  told.refused = refused.name;
}

await glueClient.send(new glue.CreateDatabaseCommand({ DatabaseInput: { Name: "shop" } }));
const targets = { S3Targets: [{ Path: "s3://shop/sales/" }] };
await glueClient.send(
  new glue.CreateCrawlerCommand({ Name: "shop", Role: "crawler", DatabaseName: "shop", Targets: targets }),
);
await glueClient.send(new glue.StartCrawlerCommand({ Name: "shop" }));
let crawler;
do {
  await pause();
  crawler = (await glueClient.send(new glue.GetCrawlerCommand({ Name: "shop" }))).Crawler;
} while (crawler.State !== "READY");
told.crawl = crawler.LastCrawl.Status;
const { Table: table } = await glueClient.send(new glue.GetTableCommand({ DatabaseName: "shop", Name: "sales" }));
told.columns = table.StorageDescriptor.Columns.map((column) => `${column.Name} ${column.Type}`);

const { QueryExecutionId: id } = await athenaClient.send(
  new athena.StartQueryExecutionCommand({
    QueryString: "SELECT item, day, price * 2 AS twice FROM sales WHERE item <> ? ORDER BY 1",
    ExecutionParameters: ["'none'"],
    QueryExecutionContext: { Database: "shop" },
    ResultConfiguration: { OutputLocation: "s3://shop/results/" },
  }),
);
let query;
do {
  await pause();
  query = (await athenaClient.send(new athena.GetQueryExecutionCommand({ QueryExecutionId: id }))).QueryExecution;
} while (["QUEUED", "RUNNING"].includes(query.Status.State));
told.state = query.Status.State;
told.scanned = query.Statistics.DataScannedInBytes;
told.rows = [];
const asked = { QueryExecutionId: id };
for await (const page of athena.paginateGetQueryResults({ client: athenaClient, pageSize: 1 }, asked)) {
  told.rows.push(...page.ResultSet.Rows.map((row) => row.Data.map((cell) => cell.VarCharValue ?? null)));
}
const key = query.ResultConfiguration.OutputLocation.replace("s3://shop/", "");
const file = await s3Client.send(new s3.GetObjectCommand({ Bucket: "shop", Key: key }));
told.file = await file.Body.transformToString();
try {
  await athenaClient.send(new athena.GetQueryExecutionCommand({ QueryExecutionId: "none" }));
} catch (refused) {
  told.unknown = refused.name;
}
console.log(JSON.stringify(told));
