// Puts sales in S3, crawls them and asks for them, with AWS's SDK for Go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/s3/manager"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
)

const sales = "item,day,price\nänd,2026-01-02,1.5\nbook,2026-01-03,2\n"

func must[T any](value T, failure error) T {
	if failure != nil {
		panic(failure)
	}
	return value
}

func code(failure error) string {
	var refused smithy.APIError
	if errors.As(failure, &refused) {
		return refused.ErrorCode()
	}
	return fmt.Sprint(failure)
}

func text(body io.ReadCloser) string {
	defer body.Close()
	return string(must(io.ReadAll(body)))
}

func main() {
	told := map[string]any{}
	settings := must(config.LoadDefaultConfig(context.Background()))
	objects(s3.NewFromConfig(settings), told)
	crawl(glue.NewFromConfig(settings), told)
	key := query(athena.NewFromConfig(settings), told)
	bucket := s3.NewFromConfig(settings)
	file := must(bucket.GetObject(context.Background(), &s3.GetObjectInput{Bucket: aws.String("shop"), Key: &key}))
	told["file"] = text(file.Body)
	fmt.Println(string(must(json.Marshal(told))))
}

func objects(client *s3.Client, told map[string]any) {
	all, shop := context.Background(), aws.String("shop")
	must(client.CreateBucket(all, &s3.CreateBucketInput{Bucket: shop}))
	key := aws.String("sales/a b+ü.csv")
	must(client.PutObject(all, &s3.PutObjectInput{Bucket: shop, Key: key, Body: strings.NewReader(sales)}))
	big := io.LimitReader(strings.NewReader(strings.Repeat("lake", 3*512*1024)), 6*1024*1024)
	must(manager.NewUploader(client).Upload(all, &s3.PutObjectInput{Bucket: shop, Key: aws.String("big"), Body: big}))
	head := must(client.HeadObject(all, &s3.HeadObjectInput{Bucket: shop, Key: aws.String("big")}))
	told["size"] = *head.ContentLength
	keys := []string{}
	pages := s3.NewListObjectsV2Paginator(client, &s3.ListObjectsV2Input{Bucket: shop, MaxKeys: aws.Int32(1)})
	for pages.HasMorePages() {
		for _, object := range must(pages.NextPage(all)).Contents {
			keys = append(keys, *object.Key)
		}
	}
	told["keys"] = keys
	presigned := must(s3.NewPresignClient(client).PresignGetObject(all, &s3.GetObjectInput{Bucket: shop, Key: key}))
	told["presigned"] = text(must(http.Get(presigned.URL)).Body)
	_, refused := client.GetObject(all, &s3.GetObjectInput{Bucket: shop, Key: aws.String("none")})
	told["refused"] = code(refused)
}

func crawl(client *glue.Client, told map[string]any) {
	all, shop := context.Background(), aws.String("shop")
	must(client.CreateDatabase(all, &glue.CreateDatabaseInput{DatabaseInput: &gluetypes.DatabaseInput{Name: shop}}))
	must(client.CreateCrawler(all, &glue.CreateCrawlerInput{
		Name: shop, Role: aws.String("crawler"), DatabaseName: shop,
		Targets: &gluetypes.CrawlerTargets{S3Targets: []gluetypes.S3Target{{Path: aws.String("s3://shop/sales/")}}},
	}))
	must(client.StartCrawler(all, &glue.StartCrawlerInput{Name: shop}))
	for {
		time.Sleep(50 * time.Millisecond)
		crawler := must(client.GetCrawler(all, &glue.GetCrawlerInput{Name: shop})).Crawler
		if crawler.State == gluetypes.CrawlerStateReady {
			told["crawl"] = crawler.LastCrawl.Status
			break
		}
	}
	table := must(client.GetTable(all, &glue.GetTableInput{DatabaseName: shop, Name: aws.String("sales")})).Table
	columns := []string{}
	for _, column := range table.StorageDescriptor.Columns {
		columns = append(columns, *column.Name+" "+*column.Type)
	}
	told["columns"] = columns
}

func query(client *athena.Client, told map[string]any) string {
	all := context.Background()
	started := must(client.StartQueryExecution(all, &athena.StartQueryExecutionInput{
		QueryString:           aws.String("SELECT item, day, price * 2 AS twice FROM sales WHERE item <> ? ORDER BY 1"),
		ExecutionParameters:   []string{"'none'"},
		QueryExecutionContext: &athenatypes.QueryExecutionContext{Database: aws.String("shop")},
		ResultConfiguration:   &athenatypes.ResultConfiguration{OutputLocation: aws.String("s3://shop/results/")},
	}))
	var found *athenatypes.QueryExecution
	for {
		time.Sleep(50 * time.Millisecond)
		found = must(client.GetQueryExecution(all, &athena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})).QueryExecution
		if found.Status.State != "QUEUED" && found.Status.State != "RUNNING" {
			break
		}
	}
	told["state"] = found.Status.State
	told["scanned"] = *found.Statistics.DataScannedInBytes
	rows := [][]*string{}
	pages := athena.NewGetQueryResultsPaginator(client, &athena.GetQueryResultsInput{
		QueryExecutionId: started.QueryExecutionId, MaxResults: aws.Int32(1),
	})
	for pages.HasMorePages() {
		for _, row := range must(pages.NextPage(all)).ResultSet.Rows {
			cells := []*string{}
			for _, cell := range row.Data {
				cells = append(cells, cell.VarCharValue)
			}
			rows = append(rows, cells)
		}
	}
	told["rows"] = rows
	_, refused := client.GetQueryExecution(all, &athena.GetQueryExecutionInput{QueryExecutionId: aws.String("none")})
	told["unknown"] = code(refused)
	return strings.TrimPrefix(*found.ResultConfiguration.OutputLocation, "s3://shop/")
}
